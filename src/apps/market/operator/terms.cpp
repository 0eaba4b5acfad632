// `obelisk-market terms`, `pause`, `rotate-attestor`: the Market account's terms of future leases,
// shown, or changed in what was named and nothing else.
#include <algorithm>

#include "apps/market/create_market.hpp"
#include "apps/market/operator/verbs.hpp"
#include "core/escrow/bounds.hpp"
#include "core/escrow/codec.hpp"
#include "core/settlement/settlement.hpp"

namespace obelisk::market_app::operators {
namespace {

using base::Code;
using base::Error;

// As the quote desk: with less the market sells nothing.
constexpr std::uint64_t kAttestorFloor = 10'000'000;

escrow::MarketTerms merged(const escrow::Market& now, const NewTerms& news) {
  escrow::MarketTerms out{};
  const auto paused = static_cast<std::uint8_t>(news.paused.value_or(now.paused != 0) ? 1 : 0);
  out.paused = paused;
  out.fee_bps = news.fee_bps.value_or(now.fee_bps);
  out.ready_deadline_s = news.ready_deadline_s.value_or(now.ready_deadline_s);
  out.gap_limit_s = news.gap_limit_s.value_or(now.gap_limit_s);
  out.claim_window_s = news.claim_window_s.value_or(now.claim_window_s);
  out.attestor = news.attestor ? escrow::to_key(*news.attestor) : now.attestor;
  return out;
}

// "fee_bps 250 -> 300, paused no -> yes": what a change is, for the trail and the operator.
std::string difference(const escrow::Market& before, const MarketRequest& after) {
  std::string out;
  const auto add = [&](const char* name, const std::string& was, const std::string& is) {
    if (was != is) out += (out.empty() ? "" : ", ") + std::string(name) + " " + was + " -> " + is;
  };
  const escrow::MarketTerms& terms = after.terms;
  add("fee_bps", std::to_string(before.fee_bps), std::to_string(terms.fee_bps));
  add("ready_deadline_s", std::to_string(before.ready_deadline_s),
      std::to_string(terms.ready_deadline_s));
  add("gap_limit_s", std::to_string(before.gap_limit_s), std::to_string(terms.gap_limit_s));
  add("claim_window_s", std::to_string(before.claim_window_s),
      std::to_string(terms.claim_window_s));
  add("paused", before.paused != 0 ? "yes" : "no", terms.paused != 0 ? "yes" : "no");
  add("treasury", escrow::to_public_key(before.treasury).to_string(), after.treasury.to_string());
  add("attestor", escrow::to_public_key(before.attestor).to_string(),
      escrow::to_public_key(terms.attestor).to_string());
  return out;
}

std::string shown(const MarketOutcome& outcome, const base::PublicKey& program) {
  const escrow::Market& account = outcome.account;
  const std::string cents = std::to_string(account.fee_bps % 100);
  return "Market " + outcome.market.to_string() + ", revision " + std::to_string(account.rev) +
         "\n  program         " + program.to_string() + "\n  operator        " +
         escrow::to_public_key(account.operator_key).to_string() + "\n  treasury        " +
         escrow::to_public_key(account.treasury).to_string() + "\n  attestor        " +
         escrow::to_public_key(account.attestor).to_string() + "\n  fee             " +
         std::to_string(account.fee_bps / 100) + "." + (cents.size() < 2 ? "0" : "") + cents +
         " % of what hosts earn\n  ready deadline  " + std::to_string(account.ready_deadline_s) +
         " s\n  gap limit       " + std::to_string(account.gap_limit_s) + " s\n  claim window    " +
         std::to_string(account.claim_window_s) + " s\n  new leases      " +
         (account.paused != 0 ? "none: paused" : "yes") + "\n";
}

base::Result<void> check_parties(const MarketRequest& wanted, ports::Chain& chain,
                                 const NewTerms& news) {
  if (!escrow::within_bounds(wanted.terms)) {
    return Error{Code::usage, "A term is outside the bounds that the program has compiled in.",
                 "fee 0..1000, ready deadline 30..600 s, gap limit 60..600 s, claim window "
                 "600..86400 s."};
  }
  const base::PublicKey attestor = escrow::to_public_key(wanted.terms.attestor);
  if (attestor == wanted.treasury) {
    return Error{Code::usage, "Attestor and treasury would be one key; every `open` would fail.",
                 "Use two keys."};
  }
  if (!news.attestor) return {};
  TRY(const auto at, chain.account(attestor, ports::Commitment::confirmed));
  if (at.account && at.account->lamports.count >= kAttestorFloor) return {};
  return Error{Code::insufficient_funds,
               "The new attestor " + attestor.to_string() +
                   " holds under 0.01 SOL: the market would sell nothing.",
               "Send it 0.1 SOL first."};
}

base::Result<void> note(const TermsParts& parts, const TermsRequest& request,
                        const base::PublicKey& market, const std::string& words) {
  if (parts.audit == nullptr) return {};
  const std::string who = parts.operator_key->public_key().to_string();
  TRY_VOID(
      parts.audit->add({0, parts.clock.now_ms(), who, request.verb, market.to_string(), words}));
  return {};
}

// What comes after it in words, by the verb.
std::string afterwards(const TermsRequest& request) {
  if (request.verb == "rotate-attestor") {
    return "Leases opened from now on name the new key; those that run keep the old one. Until "
           "they are over the watch needs both files:\n  obelisk-watch --attestor-keypair " +
           request.new_keypair + ",OLD\n";
  }
  if (request.verb == "pause" && request.news.paused == true) {
    return "Running leases go on. Undo: obelisk-market pause --lift\n";
  }
  return "";
}

Words answer(const TermsRequest& request, const MarketOutcome& outcome, const std::string& change,
             bool audited) {
  const base::PublicKey& program = *request.ground.program;
  if (request.json) {
    std::string line = to_json_line(outcome, program);
    if (request.news.any()) {
      line.pop_back();
      line += std::string(",\"audited\":") + (audited ? "true" : "false") + "}";
    }
    return line + "\n";
  }
  std::string out = shown(outcome, program);
  if (!request.news.any()) return out;
  if (change.empty()) return out + "That is how it stands already; nothing was sent.\n";
  out += "Changed: " + change + ".\n";
  if (outcome.signature) {
    out += "Signature " + outcome.signature->to_string() + ", network fee 0.000005 SOL.\n";
  }
  if (!audited) {
    out +=
        "No market's records are in " + request.ground.state_dir + ": this is in no audit trail.\n";
  }
  return out + afterwards(request);
}

}  // namespace

Words terms(const TermsRequest& request, const TermsParts& parts) {
  const base::PublicKey& program = *request.ground.program;
  if (request.news.any() && parts.operator_key == nullptr) {
    return Error{Code::usage, "Only the operator's key changes terms.",
                 "Name its file with --operator-keypair."};
  }
  if (parts.operator_key == nullptr && !request.ground.market) {
    return Error{Code::usage, "Which market?", "Give --operator ADDRESS or --market ADDRESS."};
  }
  const base::PublicKey market =
      parts.operator_key != nullptr
          ? settlement::market_address(program, parts.operator_key->public_key()).address
          : *request.ground.market;
  TRY(const auto before, read_market(parts.chain, market, program));
  if (!before) {
    return Error{Code::not_found, "There is no market account at " + market.to_string() + " yet.",
                 "Make it: obelisk-market create-market."};
  }
  MarketOutcome outcome;
  outcome.market = market;
  outcome.account = *before;
  if (!request.news.any()) return answer(request, outcome, "", false);
  MarketRequest wanted;
  wanted.program = program;
  wanted.treasury = request.news.treasury.value_or(escrow::to_public_key(before->treasury));
  wanted.terms = merged(*before, request.news);
  const std::string change = difference(*before, wanted);
  if (change.empty()) return answer(request, outcome, "", parts.audit != nullptr);
  TRY_VOID(check_parties(wanted, parts.chain, request.news));
  TRY_VOID(note(parts, request, market, "Asked for: " + change));
  const auto done = create_market(wanted, parts.chain, parts.clock, *parts.operator_key);
  if (!done) {
    TRY_VOID(note(parts, request, market, "Not done: " + done.error().message));
    return done.error();
  }
  const std::string signature = done->signature ? done->signature->to_string() : "none";
  TRY_VOID(
      note(parts, request, market,
           "Done, revision " + std::to_string(done->account.rev) + ", signature " + signature));
  return answer(request, *done, change, parts.audit != nullptr);
}

}  // namespace obelisk::market_app::operators
