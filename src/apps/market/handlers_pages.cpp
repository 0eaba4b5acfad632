#include "apps/market/handlers.hpp"
#include "core/cards/catalogue.hpp"
#include "core/escrow/codec.hpp"

namespace obelisk::market_app {
namespace {

base::Error no_chain() {
  return {base::Code::unreachable, "The chain does not answer this market right now.",
          "Try again in a few seconds."};
}

// Of the catalogue's kinds, those that nobody offers as well.
void show_cards(const Desk& desk, Samples& samples) {
  std::map<std::string_view, std::pair<std::uint64_t, std::uint64_t>> offered_and_free;
  for (const cards::Card& card : cards::catalogue()) offered_and_free[card.id] = {0, 0};
  desk.offers.shelf()->each([&](const market::search::Entry& entry) {
    const auto found = offered_and_free.find(entry.offer.card);
    if (found == offered_and_free.end()) return;
    found->second.first += entry.offer.listed;
    found->second.second += entry.offer.free.size();
  });
  for (const auto& [card, numbers] : offered_and_free) {
    samples.set(Metric::cards_offered, numbers.first, {card});
    samples.set(Metric::cards_free, numbers.second, {card});
  }
}

}  // namespace

http::Response json_response(int status, std::string body) {
  http::Response out;
  out.status = status;
  out.body = std::move(body);
  return out;
}

http::Response no_content() {
  http::Response out;
  out.status = 204;
  out.content_type.clear();
  return out;
}

http::Response text_response(std::string body) {
  http::Response out;
  out.content_type = "text/plain; charset=utf-8";
  out.body = std::move(body);
  return out;
}

base::Result<base::PublicKey> address_from(const std::string& text, const char* what) {
  const auto key = base::PublicKey::parse(text);
  if (key) return *key;
  return base::Error{base::Code::invalid_input,
                     "The " + std::string(what) + " is not an address (base58 of 32 bytes).",
                     "Copy it whole, 32 to 44 letters and digits."};
}

Answer get_market(const Desk& desk) {
  const auto terms = desk.leases.market_terms();
  if (!terms) return no_chain();
  const escrow::Market& account = terms->account;
  api::MarketInfo out;
  out.version = OBELISK_VERSION;
  out.program = desk.identity.program;
  out.market = desk.identity.market;
  out.operator_ = escrow::to_public_key(account.operator_key);
  out.treasury = escrow::to_public_key(account.treasury);
  out.attestor = escrow::to_public_key(account.attestor);
  out.market_rev = account.rev;
  out.fee_bps = account.fee_bps;
  out.ready_deadline_s = account.ready_deadline_s;
  out.gap_limit_s = account.gap_limit_s;
  out.claim_window_s = account.claim_window_s;
  out.paused = account.paused != 0;
  out.local = desk.identity.local;
  if (const auto owner = desk.keeper ? desk.keeper->owner() : std::nullopt) {
    out.program_final = owner->is_final;
    out.program_authority = owner->authority;
  }
  out.chain_time_s = static_cast<std::uint64_t>(std::max<std::int64_t>(desk.leases.chain_now(), 0));
  return json_response(200, api::to_json(out));
}

Answer get_description() { return json_response(200, std::string(api::openapi_text())); }

Answer get_health() { return text_response("ok\n"); }

Answer get_readiness(const Desk& desk) {
  if (!desk.leases.chain_answers() || !desk.leases.market_terms()) return no_chain();
  return text_response("ready\n");
}

Answer get_metrics(const Desk& desk) {
  auto response = text_response(desk.metrics.text([&desk](Samples& samples) {
    samples.set(Metric::hosts_connected, desk.offers.hosts_connected());
    samples.set(Metric::event_streams, desk.streams.count() + desk.offer_streams.count());
    samples.set(Metric::chain_answers, desk.leases.chain_answers() ? 1 : 0);
    const auto price = desk.prices.sol_usd();
    samples.set(Metric::sol_price, price ? price->micro_usd_per_sol : 0);
    show_cards(desk, samples);
  }));
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  return response;
}

}  // namespace obelisk::market_app
