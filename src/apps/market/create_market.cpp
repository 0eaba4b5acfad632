#include "apps/market/create_market.hpp"

#include <chrono>

#include "adapters/solana/sender.hpp"
#include "adapters/solana/transaction_error.hpp"
#include "apps/market/program_words.hpp"
#include "base/canonical_json.hpp"
#include "core/escrow/codec.hpp"
#include "core/settlement/settlement.hpp"
#include "core/solana/programs.hpp"

namespace obelisk::market_app {
namespace {

using base::Code;
using base::Error;

constexpr std::chrono::milliseconds kTimeout{60'000};

bool stands_already(const escrow::Market& account, const MarketRequest& request) {
  const escrow::MarketTerms& terms = request.terms;
  return account.paused == terms.paused && account.fee_bps == terms.fee_bps &&
         account.ready_deadline_s == terms.ready_deadline_s &&
         account.gap_limit_s == terms.gap_limit_s &&
         account.claim_window_s == terms.claim_window_s && same(account.attestor, terms.attestor) &&
         escrow::to_public_key(account.treasury) == request.treasury;
}

base::Result<base::Signature> send(ports::Chain& chain, ports::Clock& clock,
                                   ports::Signer& operator_key, const escrow::Call& call) {
  TRY(const auto blockhash, chain.latest_blockhash(ports::Commitment::confirmed));
  TRY(auto transaction, settlement::transaction(operator_key.public_key(), {call},
                                                settlement::kMarketUnits, blockhash.blockhash));
  TRY_VOID(solana::sign(transaction, operator_key));
  const auto landed =
      solana_rpc::send_and_confirm(chain, clock, transaction, blockhash.last_valid_block_height,
                                   ports::Commitment::confirmed, kTimeout);
  if (!landed) return in_words(landed.error());
  if (landed->error) {
    return in_words(
        solana_rpc::landed_error(*landed, base::Lamports{solana::kLamportsPerSignature}));
  }
  return transaction.id();
}

}  // namespace

base::Result<std::optional<escrow::Market>> read_market(ports::Chain& chain,
                                                        const base::PublicKey& market,
                                                        const base::PublicKey& program) {
  TRY(const auto at, chain.account(market, ports::Commitment::confirmed));
  if (!at.account || at.account->data.empty()) return std::optional<escrow::Market>{};
  const auto parsed = escrow::parse_market(at.account->data);
  if (parsed && at.account->owner == program) return parsed;
  return Error{Code::refused,
               "The account " + market.to_string() + " is no market of this program.",
               "Check --program and the operator's key."};
}

base::Result<MarketOutcome> create_market(const MarketRequest& request, ports::Chain& chain,
                                          ports::Clock& clock, ports::Signer& operator_key) {
  const base::PublicKey owner = operator_key.public_key();
  const auto address = settlement::market_address(request.program, owner);
  MarketOutcome out;
  out.market = address.address;
  TRY(const auto before, read_market(chain, out.market, request.program));
  if (before && stands_already(*before, request)) {
    out.account = *before;
    return out;
  }
  const escrow::Call call =
      before ? escrow::encode_update_market(request.program,
                                            {owner, out.market, request.treasury, request.terms})
             : escrow::encode_create_market(request.program, {owner, out.market, request.treasury,
                                                              address.bump, request.terms});
  TRY(out.signature, send(chain, clock, operator_key, call));
  TRY(const auto after, read_market(chain, out.market, request.program));
  if (!after || !stands_already(*after, request)) {
    return Error{Code::conflict, "Somebody changed the market at the same moment.",
                 "Run create-market again."};
  }
  out.account = *after;
  out.created = !before;
  out.updated = before.has_value();
  return out;
}

std::string to_json_line(const MarketOutcome& outcome, const base::PublicKey& program) {
  const escrow::Market& account = outcome.account;
  base::CanonicalJson::Object line{
      {"market", outcome.market.to_string()},
      {"program", program.to_string()},
      {"operator", escrow::to_public_key(account.operator_key).to_string()},
      {"treasury", escrow::to_public_key(account.treasury).to_string()},
      {"attestor", escrow::to_public_key(account.attestor).to_string()},
      {"rev", static_cast<std::int64_t>(account.rev)},
      {"fee_bps", std::uint32_t{account.fee_bps}},
      {"ready_deadline_s", account.ready_deadline_s},
      {"gap_limit_s", account.gap_limit_s},
      {"claim_window_s", account.claim_window_s},
      {"paused", account.paused != 0},
      {"created", outcome.created},
      {"updated", outcome.updated},
  };
  if (outcome.signature) line.emplace("signature", outcome.signature->to_string());
  return base::CanonicalJson(std::move(line)).text();
}

}  // namespace obelisk::market_app
