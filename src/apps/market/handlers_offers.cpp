#include <algorithm>
#include <map>
#include <variant>

#include "adapters/http/problem.hpp"
#include "apps/market/handlers.hpp"
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

// Where in which parameter the words end to make sense, for programs beside the words for people.
http::Response problem_at(const std::string& name, const search::Mistake& mistake) {
  http::Response out = http::problem(mistake.error());
  out.body.insert(out.body.size() - 1,
                  ",\"parameter\":\"" + name + "\",\"position\":" + std::to_string(mistake.at));
  return out;
}

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
  search::Query query;
  std::vector<search::SortKey> sort;
  std::size_t limit = kUsualPage;
  std::optional<search::Place> after;
};

// The page that is asked for, or the answer that says why there is none.
using MaybePage = std::variant<PageRequest, http::Response>;

base::Result<void> read_rest(const http::Request& request, PageRequest& page) {
  TRY(const auto count, number_from(request, "count", market::kMaxCardsPerLease));
  if (count) {
    add_condition(page.query, test_of(search::Field::gpus, search::Op::at_least,
                                      {{*count, *count}, {}, false}));
  }
  TRY(const auto card, parameter(request, "card"));
  if (card) {
    add_condition(page.query, test_of(search::Field::card, search::Op::equal, {{}, *card, false}));
  }
  TRY(const auto limit, number_from(request, "limit", kMostPage));
  page.limit = limit.value_or(kUsualPage);
  TRY(const auto cursor, parameter(request, "cursor"));
  if (!cursor) return {};
  page.after = search::read_cursor(*cursor, page.sort);
  if (!page.after) {
    return base::Error{base::Code::invalid_input, "This cursor is not of this sort order.",
                       "Send `next` of the page before, with the same q and sort."};
  }
  return {};
}

base::Result<MaybePage> read_page(const http::Request& request) {
  PageRequest page;
  TRY(const auto q, parameter(request, "q"));
  auto query = search::parse_query(q.value_or(""));
  if (const auto* mistake = std::get_if<search::Mistake>(&query)) {
    return MaybePage(problem_at("q", *mistake));
  }
  page.query = std::get<search::Query>(std::move(query));
  TRY(const auto words, parameter(request, "sort"));
  if (words) {
    auto sort = search::parse_sort(*words);
    if (const auto* mistake = std::get_if<search::Mistake>(&sort)) {
      return MaybePage(problem_at("sort", *mistake));
    }
    if (!page.query.sort.empty()) {
      return base::Error{base::Code::invalid_input, "The order is named twice: in q and in sort.",
                         "Leave one of them out."};
    }
    page.sort = std::get<std::vector<search::SortKey>>(std::move(sort));
  } else {
    page.sort = page.query.sort.empty() ? search::default_sort() : page.query.sort;
  }
  TRY_VOID(read_rest(request, page));
  return MaybePage(std::move(page));
}

void add_logins(api::Offer& out, const search::LoginTimes& logins) {
  if (logins.count == 0) return;
  out.logins = logins.count;
  out.login_p50_ms = logins.p50_ms;
  out.login_p95_ms = logins.p95_ms;
}

// What is free of one kind of card.
struct Kept {
  std::uint64_t cards = 0;
  std::optional<std::uint64_t> from_micro_usd_per_hour;
};

}  // namespace

Answer list_cards(const Desk& desk) {
  const auto shelf = desk.offers.shelf();
  std::map<std::string_view, Kept> kept;
  shelf->each([&](const search::Entry& entry) {
    Kept& of_kind = kept[entry.offer.card];
    of_kind.cards += entry.offer.free.size();
    const std::uint64_t price = entry.offer.micro_usd_per_hour;
    of_kind.from_micro_usd_per_hour =
        std::min(of_kind.from_micro_usd_per_hour.value_or(price), price);
  });
  // Without a SOL price the dollars still stand; quotes will say what is missing.
  const auto price = desk.prices.sol_usd();
  api::CardList out;
  for (const cards::Card& card : cards::catalogue()) {
    api::Card shown = to_api(card);
    const Kept& of_kind = kept[card.id];
    shown.available = of_kind.cards;
    shown.from_micro_usd_per_hour = of_kind.from_micro_usd_per_hour;
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
  TRY(const auto price, desk.prices.sol_usd());
  const auto found = desk.offers.shelf()->find({page.query, page.sort, price.micro_usd_per_sol,
                                                page.limit, page.after ? &*page.after : nullptr});
  api::OfferList out;
  out.total = found.matched;
  for (const auto& entry : found.entries) {
    out.offers.push_back(to_api(entry->offer, price.micro_usd_per_sol));
    add_logins(out.offers.back(), entry->logins);
  }
  if (found.more) {
    out.next = search::cursor_text(search::place_of(*found.entries.back(), page.sort), page.sort);
  }
  return json_response(200, api::to_json(out));
}

}  // namespace obelisk::market_app
