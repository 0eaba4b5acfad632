#include <charconv>
#include <map>

#include "apps/market/handlers.hpp"
#include "core/cards/catalogue.hpp"

namespace obelisk::market_app {
namespace {

api::Card to_api(const cards::Card& card) {
  api::Card out;
  out.id = card.id;
  out.name = card.name;
  out.memory_bytes = card.memory_bytes();
  out.bandwidth_bytes_per_s = card.bandwidth_bytes_per_s();
  out.fp16_tflops = card.fp16_tflops();
  if (card.compute_capability != 0) out.compute_capability = card.compute_capability;
  out.source = card.source;
  out.list_micro_usd_per_hour = card.list_micro_usd_per_hour;
  return out;
}

base::Result<std::size_t> count_from(const std::string& text) {
  std::size_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc{} || end != text.data() + text.size() || count < 1 ||
      count > market::kMaxCardsPerLease) {
    return base::Error{base::Code::invalid_input, "'count' is not a number from 1 to 16.",
                       "Send count=1, or leave it out."};
  }
  return count;
}

}  // namespace

Answer list_cards(const Desk& desk) {
  TRY(const auto offers, desk.offers.offers());
  // Without a SOL price the dollars still stand; quotes will say what is missing.
  const auto price = desk.prices.sol_usd();
  api::CardList out;
  for (const cards::Card& card : cards::catalogue()) {
    api::Card shown = to_api(card);
    for (const market::Offer& offer : offers) {
      if (offer.card != card.id || offer.free.empty()) continue;
      shown.available += offer.free.size();
      if (shown.from_micro_usd_per_hour) continue;  // they come cheapest first
      shown.from_micro_usd_per_hour = offer.micro_usd_per_hour;
      if (!price) continue;
      const auto lamports =
          market::lamports_for(offer.micro_usd_per_hour, price->micro_usd_per_sol);
      if (lamports) shown.from_lamports_per_hour = *lamports;
    }
    out.cards.push_back(std::move(shown));
  }
  return json_response(200, api::to_json(out));
}

Answer list_offers(const Desk& desk, const http::Request& request) {
  market::Search search;
  search.card = request.query_value("card");
  if (const auto count = request.query_value("count")) {
    TRY(search.count, count_from(*count));
  }
  TRY(const auto offers, desk.offers.offers());
  if (search.card && cards::find_card(*search.card) == nullptr) {
    return market::why_none(offers, search, 0);
  }
  TRY(const auto price, desk.prices.sol_usd());
  api::OfferList out;
  for (const market::Offer& offer : market::matching(offers, search)) {
    out.offers.push_back(to_api(offer, price.micro_usd_per_sol));
  }
  return json_response(200, api::to_json(out));
}

}  // namespace obelisk::market_app
