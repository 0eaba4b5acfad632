#include "core/watch/quoted.hpp"

#include "core/escrow/codec.hpp"
#include "core/settlement/settlement.hpp"

namespace obelisk::watch {
namespace {

base::Error not_ours(std::string why) {
  return {base::Code::refused, "These terms are no quote of this watch: " + std::move(why) + ".",
          "Only what it signed itself is looked at."};
}

}  // namespace

base::Result<Quoted> read_quoted(const Ground& ground,
                                 const std::function<bool(const base::PublicKey&)>& is_ours,
                                 const std::string& text, const base::Signature& signature) {
  TRY(auto terms, market::read_terms(text));
  if (terms.program != ground.program || terms.market != ground.market) {
    return not_ours("they are of another market");
  }
  if (!is_ours(terms.attestor))
    return not_ours("its keys do not include " + terms.attestor.to_string());
  if (!market::verify_quote(text, terms.attestor, signature))
    return not_ours("it never signed them");
  Quoted out;
  out.hash = market::terms_hash(text);
  lease::Quote& quote = out.quote;
  quote.id = base::to_hex(out.hash.view());
  quote.lease = settlement::lease_address(ground.program, terms.renter, terms.nonce).address;
  quote.terms = text;
  quote.signature = signature;
  quote.renter = terms.renter;
  quote.host = terms.host;
  quote.market = terms.market;
  quote.attestor = terms.attestor;
  quote.market_rev = terms.market_rev;
  quote.nonce = terms.nonce;
  quote.card = terms.card;
  for (const market::TermsCard& card : terms.cards) quote.card_uuids.push_back(card.uuid);
  quote.count = static_cast<std::uint32_t>(terms.cards.size());
  quote.simulated = terms.simulated;
  quote.seconds = terms.seconds;
  quote.max_seconds = terms.max_seconds;
  quote.rate_lamports_per_hour = terms.lamports_per_hour;
  quote.fee_bps = terms.fee_bps;
  quote.expires_at_s = terms.expires_at;
  out.terms = std::move(terms);
  return out;
}

lease::Quote with_market(lease::Quote quote, const escrow::Market& account) {
  quote.treasury = escrow::to_public_key(account.treasury);
  quote.ready_deadline_s = account.ready_deadline_s;
  quote.gap_limit_s = account.gap_limit_s;
  quote.claim_window_s = account.claim_window_s;
  return quote;
}

}  // namespace obelisk::watch
