#include <algorithm>
#include <map>
#include <variant>

#include "apps/market/handlers.hpp"
#include "apps/market/offer_query.hpp"
#include "apps/market/parameters.hpp"
#include "core/cards/catalogue.hpp"
#include "core/market/search/cursor.hpp"

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

namespace search = market::search;

search::Node test_of(search::Field field, search::Op op, search::Value value) {
  search::Node out;
  out.kind = search::Node::Kind::test;
  out.test = {field, op, {std::move(value)}};
  return out;
}

// The older parameters, card and count, as two more conditions of the query.
void add_condition(search::Query& query, search::Node condition) {
  search::Node all;
  if (query.where) all.children.push_back(*std::move(query.where));
  all.children.push_back(std::move(condition));
  query.where = all.children.size() == 1 ? std::move(all.children.front()) : std::move(all);
}

struct PageRequest {
  OfferQuery asked;
  std::size_t limit = kUsualPage;
  std::optional<search::Place> after;
};

// The page that is asked for, or the answer that says why there is none.
using MaybePage = std::variant<PageRequest, http::Response>;

base::Result<void> read_rest(const http::Request& request, PageRequest& page) {
  TRY(const auto count, number_from(request, "count", market::kMaxCardsPerLease));
  if (count) {
    add_condition(page.asked.query, test_of(search::Field::gpus, search::Op::at_least,
                                            {{*count, *count}, {}, false}));
  }
  TRY(const auto card, parameter(request, "card"));
  if (card) {
    add_condition(page.asked.query,
                  test_of(search::Field::card, search::Op::equal, {{}, *card, false}));
  }
  TRY(const auto limit, number_from(request, "limit", kMostPage));
  page.limit = limit.value_or(kUsualPage);
  TRY(const auto cursor, parameter(request, "cursor"));
  if (!cursor) return {};
  page.after = search::read_cursor(*cursor, page.asked.sort);
  if (!page.after) {
    return base::Error{base::Code::invalid_input, "This cursor is not of this sort order.",
                       "Send `next` of the page before, with the same q and sort."};
  }
  return {};
}

base::Result<MaybePage> read_page(const http::Request& request) {
  TRY(auto read, read_offer_query(request));
  if (auto* wrong = std::get_if<http::Response>(&read)) return MaybePage(std::move(*wrong));
  PageRequest page;
  page.asked = std::get<OfferQuery>(std::move(read));
  TRY_VOID(read_rest(request, page));
  return MaybePage(std::move(page));
}

// What is free of one kind of card.
struct Kept {
  std::uint64_t cards = 0;
  std::uint64_t simulated = 0;
  std::optional<std::uint64_t> from_micro_usd_per_hour;
  bool from_simulated = false;
};

}  // namespace

Answer list_cards(const Desk& desk) {
  const auto shelf = desk.offers.shelf();
  std::map<std::string_view, Kept> kept;
  shelf->each([&](const search::Entry& entry) {
    Kept& of_kind = kept[entry.offer.card];
    of_kind.cards += entry.offer.free.size();
    if (entry.offer.simulated) of_kind.simulated += entry.offer.free.size();
    const std::uint64_t price = entry.offer.micro_usd_per_hour;
    // Of two at one price the real one: whoever asks for that card is quoted the cheapest.
    const bool better = !of_kind.from_micro_usd_per_hour ||
                        price < *of_kind.from_micro_usd_per_hour ||
                        (price == *of_kind.from_micro_usd_per_hour && !entry.offer.simulated);
    if (!better) return;
    of_kind.from_micro_usd_per_hour = price;
    of_kind.from_simulated = entry.offer.simulated;
  });
  // Without a SOL price the dollars still stand; quotes will say what is missing.
  const auto price = desk.prices.sol_usd();
  api::CardList out;
  const base::UnixSeconds chain_now_s = desk.leases.chain_now();
  for (const cards::Card& card : cards::catalogue()) {
    api::Card shown = to_api(card);
    const Kept& of_kind = kept[card.id];
    shown.available = of_kind.cards;
    shown.available_simulated = of_kind.simulated;
    shown.from_micro_usd_per_hour = of_kind.from_micro_usd_per_hour;
    if (of_kind.from_micro_usd_per_hour) shown.from_simulated = of_kind.from_simulated;
    if (of_kind.cards == 0) shown.busy_until_s = desk.offers.busy_until(card.id, chain_now_s);
    if (price && of_kind.from_micro_usd_per_hour) {
      const auto lamports =
          market::lamports_for(*of_kind.from_micro_usd_per_hour, price->micro_usd_per_sol);
      if (lamports) shown.from_lamports_per_hour = *lamports;
    }
    out.cards.push_back(std::move(shown));
  }
  return json_response(200, api::to_json(out));
}

Answer list_offers(const Desk& desk, const http::Request& request) {
  TRY(MaybePage read, read_page(request));
  if (auto* wrong = std::get_if<http::Response>(&read)) return std::move(*wrong);
  const PageRequest& page = std::get<PageRequest>(read);
  const auto card = request.query_value("card");
  if (card && cards::find_card(*card) == nullptr) {
    market::Search unknown;
    unknown.card = card;
    return market::why_none({}, unknown, 0);
  }
  const auto& [query, sort] = page.asked;
  // Without a SOL price the dollars still stand, unless it is SOL that is looked for.
  const auto price = desk.prices.sol_usd();
  if (!price && search::asks_for(query, search::Field::sol)) return price.error();
  const std::uint64_t rate = price ? price->micro_usd_per_sol : 0;
  const auto found = desk.offers.shelf()->find(
      {query, sort, rate, page.limit, page.after ? &*page.after : nullptr});
  api::OfferList out;
  out.total = found.matched;
  for (const auto& entry : found.entries) {
    out.offers.push_back(to_api(*entry, rate));
  }
  if (found.more) {
    out.next = search::cursor_text(search::place_of(*found.entries.back(), sort), sort);
  }
  return json_response(200, api::to_json(out));
}

base::Result<std::optional<http::Response>> stream_offers(const Desk& desk,
                                                          const http::Request& request,
                                                          http::Exchange& exchange) {
  TRY(auto read, read_offer_query(request));
  if (auto* wrong = std::get_if<http::Response>(&read)) return std::optional(std::move(*wrong));
  auto& asked = std::get<OfferQuery>(read);
  TRY_VOID(desk.offer_streams.admit(asked, request.remote_address));
  desk.offer_streams.open(std::move(asked), request.remote_address, exchange.stream_events({}));
  return std::optional<http::Response>();
}

}  // namespace obelisk::market_app
