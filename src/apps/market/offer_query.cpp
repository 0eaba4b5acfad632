#include "apps/market/offer_query.hpp"

#include "adapters/http/problem.hpp"
#include "apps/market/parameters.hpp"
#include "apps/market/quote_draft.hpp"

namespace obelisk::market_app {
namespace {

namespace search = market::search;

// Where in which parameter the words end to make sense, for programs beside the words for people.
http::Response problem_at(const std::string& name, const search::Mistake& mistake) {
  http::Response out = http::problem(mistake.error());
  out.body.insert(out.body.size() - 1,
                  ",\"parameter\":\"" + name + "\",\"position\":" + std::to_string(mistake.at));
  return out;
}

}  // namespace

base::Result<std::variant<OfferQuery, http::Response>> read_offer_query(
    const http::Request& request) {
  using Read = std::variant<OfferQuery, http::Response>;
  OfferQuery out;
  TRY(const auto q, parameter(request, "q"));
  auto query = search::parse_query(q.value_or(""));
  if (const auto* mistake = std::get_if<search::Mistake>(&query)) {
    return Read(problem_at("q", *mistake));
  }
  out.query = std::get<search::Query>(std::move(query));
  TRY(const auto words, parameter(request, "sort"));
  if (!words) {
    out.sort = out.query.sort.empty() ? search::default_sort() : out.query.sort;
    return Read(std::move(out));
  }
  auto sort = search::parse_sort(*words);
  if (const auto* mistake = std::get_if<search::Mistake>(&sort)) {
    return Read(problem_at("sort", *mistake));
  }
  if (!out.query.sort.empty()) {
    return base::Error{base::Code::invalid_input, "The order is named twice: in q and in sort.",
                       "Leave one of them out."};
  }
  out.sort = std::get<std::vector<search::SortKey>>(std::move(sort));
  return Read(std::move(out));
}

api::Offer to_api(const search::Entry& entry, std::uint64_t micro_usd_per_sol) {
  api::Offer out = to_api(entry.offer, micro_usd_per_sol);
  if (entry.endings.count != 0) {
    out.ended = entry.endings.count;
    out.reliability_bps = static_cast<std::uint32_t>(entry.endings.kept_bps());
  }
  if (entry.logins.count == 0) return out;
  out.logins = entry.logins.count;
  out.login_p50_ms = entry.logins.p50_ms;
  out.login_p95_ms = entry.logins.p95_ms;
  return out;
}

}  // namespace obelisk::market_app
