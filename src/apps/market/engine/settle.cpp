#include "apps/market/engine/settle.hpp"

#include "adapters/solana/sender.hpp"
#include "adapters/solana/transaction_error.hpp"
#include "core/escrow/error_text.hpp"
#include "core/settlement/settlement.hpp"
#include "core/solana/programs.hpp"

namespace obelisk::engine {
namespace {

using base::Result;
using escrow::State;
using escrow::StopHow;
using settlement::kCancelUnits;
using settlement::kClaimUnits;
using settlement::kFinishUnits;
using settlement::kReadyUnits;
using settlement::kStopUnits;

// A blockhash lives about half a minute; after that the sender knows the transaction's fate.
constexpr std::chrono::milliseconds kSendTimeout{60'000};

std::string named(const base::Error& error) {
  const auto code = solana_rpc::program_error_in(error);
  const auto* text = code ? escrow::error_text(*code) : nullptr;
  return text == nullptr ? error.message : std::string(text->name) + ": " + error.message;
}

}  // namespace

Result<std::optional<Settle::OnChain>> Settle::read(const base::PublicKey& lease) {
  TRY(const auto answer, parts_.chain.account(lease, ports::Commitment::confirmed));
  if (!answer.account || answer.account->owner != parts_.program) return std::optional<OnChain>();
  const auto parsed = escrow::parse_lease(answer.account->data);
  if (!parsed) return std::optional<OnChain>();
  return std::optional(OnChain{*parsed, escrow::accounts_of(lease, *parsed)});
}

Result<Settle::Sent> Settle::send(const char* what, const base::PublicKey& lease,
                                  const std::vector<escrow::Call>& calls, std::uint32_t units,
                                  bool preflight) {
  TRY(const auto latest, parts_.chain.latest_blockhash(ports::Commitment::confirmed));
  TRY(auto transaction,
      settlement::transaction(parts_.attestor.public_key(), calls, units, latest.blockhash));
  TRY_VOID(solana::sign(transaction, parts_.attestor));
  TRY(const auto fee, solana::network_fee(transaction.message()));
  solana_rpc::SendHooks hooks;
  hooks.stop = stop_.get_token();
  hooks.pause = parts_.pause;
  hooks.preflight = preflight;
  const auto status = solana_rpc::send_and_confirm(
      parts_.chain, parts_.clock, transaction, latest.last_valid_block_height,
      ports::Commitment::confirmed, kSendTimeout, hooks);
  const std::string who = std::string(what) + " of lease " + lease.to_string();
  if (!status) {
    parts_.log(who + " was not sent: " + named(status.error()));
    return status.error();
  }
  const std::string signature = transaction.id().to_string();
  if (status->error) {
    auto failed = solana_rpc::landed_error(*status, fee);
    parts_.log(who + " failed: " + named(failed) + " It cost " + base::to_decimal(fee) +
               " lamports. Signature " + signature + ".");
    return failed;
  }
  parts_.log(who + " is confirmed. It cost " + base::to_decimal(fee) + " lamports. Signature " +
             signature + ".");
  return Sent(transaction.id());
}

Result<Settle::Sent> Settle::ready(const lease::Quote& quote, std::uint64_t opened_slot,
                                   bool again) {
  const escrow::LeaseAccounts accounts{quote.lease, quote.renter, quote.host, quote.treasury,
                                       quote.attestor};
  // Everything that preflight would find was compared already, and it would cost a round trip.
  return send("ready", quote.lease, {escrow::encode_ready(parts_.program, accounts, opened_slot)},
              kReadyUnits, again);
}

Result<Settle::Sent> Settle::cancel(const base::PublicKey& lease, base::UnixSeconds chain_now_s) {
  TRY(const auto found, read(lease));
  if (!found || found->lease.state != State::funded) return Sent();
  if (chain_now_s <= found->lease.opened_at + found->lease.ready_deadline_s) {
    return base::Error{base::Code::conflict, "The deadline has not passed.", "Wait for it.", 0};
  }
  return send("cancel", lease, {escrow::encode_cancel(parts_.program, found->accounts, false)},
              kCancelUnits);
}

std::vector<escrow::Call> Settle::claim_of(const base::PublicKey& lease, const OnChain& found,
                                           const std::optional<lease::Attestation>& proof) const {
  if (!proof || proof->alive_until <= found.lease.proven_until) return {};
  const settlement::Proof signed_proof{
      parts_.attestor.public_key(),
      {parts_.program, lease, found.lease.opened_slot, proof->alive_until},
      proof->signature};
  // Of another opening of this address, or not ours: it would only fail.
  if (!settlement::is_valid(signed_proof)) return {};
  return settlement::claim_calls(parts_.program, found.accounts, signed_proof);
}

Result<Settle::Sent> Settle::dark(const base::PublicKey& lease,
                                  const std::optional<lease::Attestation>& proof) {
  TRY(const auto found, read(lease));
  if (!found || found->lease.state != State::active) return Sent();
  auto calls = claim_of(lease, *found, proof);
  calls.push_back(escrow::encode_stop(parts_.program, found->accounts, StopHow::dark));
  return send("stop of a dark host", lease, calls, kClaimUnits + kStopUnits);
}

Result<Settle::Sent> Settle::end(const base::PublicKey& lease, base::UnixSeconds chain_now_s,
                                 const std::optional<lease::Attestation>& proof) {
  TRY(const auto found, read(lease));
  if (!found) return Sent();
  if (found->lease.state == State::closing) return claim(lease, proof);
  const bool over = chain_now_s >= found->lease.started_at + found->lease.seconds;
  if (found->lease.state != State::active || !over) return Sent();
  auto calls = claim_of(lease, *found, proof);
  calls.push_back(escrow::encode_finish(parts_.program, found->accounts));
  return send("finish", lease, calls, kClaimUnits + kFinishUnits);
}

Result<Settle::Sent> Settle::claim(const base::PublicKey& lease,
                                   const std::optional<lease::Attestation>& proof) {
  TRY(const auto found, read(lease));
  if (!found || found->lease.state != State::closing) return Sent();
  const auto calls = claim_of(lease, *found, proof);
  if (calls.empty()) return Sent();
  return send("claim", lease, calls, kClaimUnits);
}

Result<Settle::Sent> Settle::finish(const base::PublicKey& lease, base::UnixSeconds chain_now_s) {
  TRY(const auto found, read(lease));
  if (!found) return Sent();
  const bool window_over =
      found->lease.state == State::closing && chain_now_s > found->lease.window_ends;
  const bool time_over = found->lease.state == State::active &&
                         chain_now_s >= found->lease.started_at + found->lease.seconds;
  if (!window_over && !time_over) return Sent();
  return send("finish", lease, {escrow::encode_finish(parts_.program, found->accounts)},
              kFinishUnits);
}

}  // namespace obelisk::engine
