#include <charconv>

#include "apps/market/handlers.hpp"
#include "apps/market/parameters.hpp"
#include "core/cards/catalogue.hpp"
#include "core/market/history/aggregate.hpp"

namespace obelisk::market_app {
namespace {

namespace history = market::history;
using base::Code;
using base::Error;

constexpr std::size_t kUsualPoints = 288;
constexpr std::size_t kMostPoints = 1000;
// A page is computed from so many samples at most.
constexpr std::size_t kMostSamples = 18'000;
constexpr base::UnixMillis kDayMs = 24 * 3'600'000;

base::Result<base::UnixMillis> time_from(const http::Request& request, const std::string& name,
                                         base::UnixMillis otherwise) {
  TRY(const auto text, parameter(request, name));
  if (!text) return otherwise;
  const auto time_ms = base::parse_rfc3339(*text);
  if (time_ms) return *time_ms;
  return Error{Code::invalid_input, "'" + name + "' is no time.",
               "Send it as RFC 3339 in UTC: 2026-11-22T12:00:00Z."};
}

Error bad_cursor() {
  return {Code::invalid_input, "This cursor is none of this list.",
          "Send `next` of the page before, with the rest as it was."};
}

struct Wanted {
  market::CardKind kind;
  history::Step step = history::Step::sample;
  base::UnixMillis from_ms = 0;  // of the whole question
  base::UnixMillis to_ms = 0;
  base::UnixMillis begin_ms = 0;  // of this page
  std::size_t limit = kUsualPoints;
};

base::Result<market::CardKind> kind_from(const http::Request& request) {
  TRY(const auto card, parameter(request, "card"));
  if (!card) {
    return Error{Code::invalid_input, "Of which card?", "Send ?card=ID of /v1/cards."};
  }
  if (cards::find_card(*card) == nullptr) {
    market::Search unknown;
    unknown.card = card;
    return market::why_none({}, unknown, 0);
  }
  TRY(const auto simulated, parameter(request, "simulated"));
  if (simulated && *simulated != "yes" && *simulated != "no") {
    return Error{Code::invalid_input, "'simulated' is neither yes nor no.", "Send one of these."};
  }
  return market::CardKind{*card, simulated == "yes"};
}

base::Result<base::UnixMillis> begin_from(const http::Request& request, const Wanted& wanted) {
  TRY(const auto cursor, parameter(request, "cursor"));
  if (!cursor) return wanted.from_ms;
  base::UnixMillis begin_ms = 0;
  const char* const end = cursor->data() + cursor->size();
  const auto [stopped, error] = std::from_chars(cursor->data(), end, begin_ms);
  if (error != std::errc{} || stopped != end || begin_ms < wanted.from_ms ||
      begin_ms >= wanted.to_ms || begin_ms % history::length_ms(wanted.step) != 0) {
    return bad_cursor();
  }
  return begin_ms;
}

base::Result<Wanted> read_wanted(const http::Request& request, base::UnixMillis now_ms) {
  Wanted out;
  TRY(out.kind, kind_from(request));
  TRY(const auto step, parameter(request, "step"));
  const auto known = history::step_from(step.value_or("5m"));
  if (!known) {
    return Error{Code::invalid_input, "There is no such step.", "Send step=5m, hour or day."};
  }
  out.step = *known;
  TRY(out.to_ms, time_from(request, "to", now_ms));
  TRY(out.from_ms, time_from(request, "from", out.to_ms - kDayMs));
  if (out.from_ms >= out.to_ms || out.to_ms - out.from_ms > history::kKeptMs + kDayMs) {
    return Error{Code::invalid_input, "`from` must be before `to`, by a year at most.",
                 "Ask for less: what is older than a year is not kept."};
  }
  TRY(const auto limit, number_from(request, "limit", kMostPoints));
  out.limit = std::min(limit.value_or(kUsualPoints), kMostSamples / history::samples_in(out.step));
  TRY(out.begin_ms, begin_from(request, out));
  return out;
}

api::HistoryPoint to_api(const history::Point& point) {
  api::HistoryPoint out;
  out.at = base::to_rfc3339_seconds(point.begin_ms / 1000);
  out.samples = static_cast<std::uint32_t>(point.samples);
  out.from_micro_usd_per_hour = point.from_micro_usd_per_hour;
  out.least_micro_usd_per_hour = point.least_micro_usd_per_hour;
  if (point.from_lamports_per_hour) {
    out.from_lamports_per_hour = base::Lamports{*point.from_lamports_per_hour};
  }
  out.free = point.free;
  out.used = point.used;
  out.listed = point.listed;
  out.least_free = point.least_free;
  out.logins = point.logins;
  out.login_p50_ms = point.login_p50_ms;
  out.login_p95_ms = point.login_p95_ms;
  return out;
}

}  // namespace

Answer get_history(const Desk& desk, const http::Request& request) {
  TRY(const Wanted wanted, read_wanted(request, desk.clock.now_ms()));
  // No point has more samples than this, so a full page is always whole.
  const std::size_t most = wanted.limit * history::samples_in(wanted.step);
  TRY(auto samples, desk.history.read({wanted.kind, wanted.begin_ms, wanted.to_ms, most + 1}));
  auto points = history::points_of(samples, wanted.step);
  api::History out;
  out.card = wanted.kind.card;
  out.simulated = wanted.kind.simulated;
  out.step = history::step_name(wanted.step);
  out.from = base::to_rfc3339(wanted.from_ms);
  out.to = base::to_rfc3339(wanted.to_ms);
  if (points.size() > wanted.limit) {
    out.next = std::to_string(points[wanted.limit].begin_ms);
    points.resize(wanted.limit);
  }
  for (const history::Point& point : points) out.points.push_back(to_api(point));
  return json_response(200, api::to_json(out));
}

Answer list_outcomes(const Desk& desk, const http::Request& request) {
  TRY(const auto page, page_from(request));
  ports::EndedAsked asked{page.limit + 1, page.after};
  TRY(const auto host, parameter(request, "host"));
  if (host) {
    TRY(asked.host, address_from(*host, "host"));
  }
  TRY(auto list, desk.leases.outcomes(asked));
  if (list.entries.size() > page.limit) {
    list.entries.resize(page.limit);
    const api::EndedLease& last = list.entries.back();
    list.next = cursor_of({base::parse_rfc3339(last.ended_at).value_or(0), last.lease.to_string()});
  }
  return json_response(200, api::to_json(list));
}

}  // namespace obelisk::market_app
