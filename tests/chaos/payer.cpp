#include "payer.hpp"

#include <thread>

#include "adapters/solana/sender.hpp"
#include "core/escrow/codec.hpp"
#include "core/escrow/instructions.hpp"
#include "core/settlement/settlement.hpp"
#include "core/solana/programs.hpp"

namespace obelisk::chaos {
namespace {

using base::Code;
using base::Error;
using base::Result;
using ports::Commitment;

constexpr std::chrono::milliseconds kPause{50};
constexpr base::UnixSeconds kQuoteLivesS = 30 * 86'400;

}  // namespace

void Payer::run(int threads) {
  std::vector<std::jthread> all;
  for (int i = 0; i < threads; ++i) all.emplace_back([this] { work(); });
}

void Payer::work() {
  while (!parts_.intents.all_done()) {
    const auto intent = parts_.intents.take();
    if (!intent) {
      std::this_thread::sleep_for(kPause);
      continue;
    }
    if (!pay(*intent)) std::this_thread::sleep_for(kPause);
    parts_.intents.give_back(*intent);
  }
}

bool Payer::pay(const Intent& intent) {
  ports::Signer& signer = intent.kind == Kind::ready ? parts_.attestor : parts_.renter;
  solana_rpc::DeliverOptions options;
  options.commitment = Commitment::finalized;
  options.limits.timeout_ms = 15'000;
  options.keep = [&](const solana::Attempt& attempt) {
    parts_.say(intent, "signed", std::to_string(attempt.last_valid_block_height));
    return parts_.intents.keep(intent, attempt);
  };
  auto before = parts_.intents.attempt_of(intent);
  if (!before) return false;
  options.before = *before;
  solana_rpc::Payment payment;
  payment.payer = signer.public_key();
  payment.units = settlement::kOpenUnits;
  payment.sign = [&](solana::Transaction& transaction) {
    return solana::sign(transaction, signer);
  };
  auto instructions = instructions_for(intent);
  // What was signed before needs no new words to come to its end, but another one would.
  if (!instructions && !options.before) return false;
  if (instructions) payment.instructions = *std::move(instructions);
  if (payment.instructions.empty()) options.limits.most_signings = 0;
  const auto paid = solana_rpc::deliver(parts_.chain, parts_.clock, payment, options);
  if (!paid) {
    parts_.say(intent, "again", paid.error().message);
    return false;
  }
  if (paid->status.error) {
    parts_.say(intent, "failed", *paid->status.error);
    return parts_.intents.forget_attempt(intent).ok();
  }
  if (!parts_.intents.done(intent, paid->signature)) return false;
  parts_.say(intent, "final", paid->signature.to_string());
  return true;
}

Result<std::vector<solana::Instruction>> Payer::instructions_for(const Intent& intent) {
  if (intent.kind == Kind::transfer) {
    return std::vector{solana::transfer(parts_.renter.public_key(), intent.to, {intent.lamports})};
  }
  return intent.kind == Kind::open ? open(intent) : on_lease(intent);
}

Result<std::vector<solana::Instruction>> Payer::open(const Intent& intent) {
  TRY(const auto now, parts_.chain.now(Commitment::confirmed));
  const auto address =
      settlement::lease_address(parts_.plan.program, parts_.renter.public_key(), intent.nonce);
  escrow::Open what;
  what.renter = parts_.renter.public_key();
  what.lease = address.address;
  what.bump = address.bump;
  what.host = parts_.plan.host;
  what.market = parts_.plan.market;
  what.nonce = intent.nonce;
  what.market_rev = 1;
  what.expires_at = now.unix_s + kQuoteLivesS;
  what.rate_lamports_per_hour = parts_.plan.rate_lamports_per_hour;
  what.seconds = intent.seconds;
  what.max_seconds = intent.seconds * 4;
  return std::vector{settlement::to_instruction(escrow::encode_open(parts_.plan.program, what))};
}

Result<std::vector<solana::Instruction>> Payer::on_lease(const Intent& intent) {
  const auto address =
      settlement::lease_address(parts_.plan.program, parts_.renter.public_key(), intent.nonce);
  TRY(const auto at, parts_.chain.account(address.address, Commitment::finalized));
  const auto lease = at.account ? escrow::parse_lease(at.account->data) : std::nullopt;
  if (!lease) return Error{Code::not_found, "The lease is not there.", "Wait for it."};
  const auto accounts = escrow::accounts_of(address.address, *lease);
  const base::PublicKey& program = parts_.plan.program;
  escrow::Call call;
  switch (intent.kind) {
    case Kind::ready: call = escrow::encode_ready(program, accounts, lease->opened_slot); break;
    case Kind::extend: call = escrow::encode_extend(program, accounts, intent.seconds); break;
    case Kind::stop: call = escrow::encode_stop(program, accounts, escrow::StopHow::served); break;
    case Kind::cancel: call = escrow::encode_cancel(program, accounts, true); break;
    case Kind::transfer:
    case Kind::open: return Error{Code::internal, "This is not about a lease.", ""};
  }
  return std::vector{settlement::to_instruction(call)};
}

}  // namespace obelisk::chaos
