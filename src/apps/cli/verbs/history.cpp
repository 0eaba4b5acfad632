// obelisk history: what a card cost and how much of it was free, from the market's own samples.
#include <algorithm>

#include "apps/cli/text/amounts.hpp"
#include "apps/cli/text/sparkline.hpp"
#include "apps/cli/text/table.hpp"
#include "apps/cli/verbs/verbs.hpp"

namespace obelisk::cli {
namespace {

using base::Code;
using base::Error;

constexpr std::uint64_t kUsualDays = 7;
constexpr std::uint64_t kMostDays = 365;
constexpr std::uint64_t kDaysByHour = 2;
constexpr std::size_t kColumns = 60;
constexpr std::int64_t kHourMs = 3'600'000;
// A market that never ends its pages is not listened to for ever.
constexpr int kMostPages = 20;

base::Result<std::uint64_t> read_days(const MaybeText& text) {
  if (!text) return kUsualDays;
  const auto days = decimal(*text, 1);
  if (days && text->find('.') == std::string::npos && *days >= 1 && *days <= kMostDays) {
    return *days;
  }
  return Error{Code::invalid_input, "--days cannot be \"" + fitted(*text, 20) + "\".",
               "Give a whole number from 1 to 365."};
}

struct Span {
  std::int64_t from_ms = 0;
  std::int64_t to_ms = 0;
  std::int64_t step_ms = kHourMs;
};

// Whole hours or days: the first one is not cut.
Span span_of(std::uint64_t days, std::int64_t now_ms) {
  Span out;
  out.step_ms = days <= kDaysByHour ? kHourMs : 24 * kHourMs;
  out.to_ms = now_ms;
  out.from_ms = now_ms - static_cast<std::int64_t>(days) * 24 * kHourMs;
  out.from_ms = (out.from_ms / out.step_ms + 1) * out.step_ms;
  return out;
}

base::Result<api::History> fetch(MarketClient& market, const HistoryOptions& options,
                                 const Span& span) {
  std::vector<std::pair<std::string, std::string>> parameters{
      {"card", options.card},
      {"step", span.step_ms == kHourMs ? "hour" : "day"},
      {"from", base::to_rfc3339(span.from_ms)},
      {"to", base::to_rfc3339(span.to_ms)},
      {"limit", "1000"}};
  if (options.simulated) parameters.emplace_back("simulated", "yes");
  TRY(api::History out, market.history(parameters));
  for (int page = 1; out.next && page < kMostPages; ++page) {
    auto further = parameters;
    further.emplace_back("cursor", *out.next);
    TRY(api::History more, market.history(further));
    std::ranges::move(more.points, std::back_inserter(out.points));
    out.next = more.next;
  }
  return out;
}

std::string when(const api::HistoryPoint& point, const Span& span) {
  // "2026-11-22T14:00:00Z"
  if (point.at.size() < 16) return point.at;
  if (span.step_ms != kHourMs) return point.at.substr(0, 10);
  return point.at.substr(0, 10) + " " + point.at.substr(11, 5);
}

std::string wait_text(const std::optional<std::uint64_t>& ms) {
  if (!ms) return "-";
  return milliseconds_text(static_cast<std::int64_t>(std::min<std::uint64_t>(*ms, 86'400'000)));
}

void show_line(Output& out, const api::History& history, const Span& span) {
  const auto count = static_cast<std::size_t>((span.to_ms - span.from_ms - 1) / span.step_ms + 1);
  std::vector<std::optional<std::uint64_t>> prices(count);
  std::optional<std::uint64_t> least;
  std::optional<std::uint64_t> most;
  for (const api::HistoryPoint& point : history.points) {
    const auto at_ms = base::parse_rfc3339(point.at).value_or(-1);
    if (!point.from_micro_usd_per_hour || at_ms < span.from_ms || at_ms >= span.to_ms) continue;
    const std::uint64_t price = *point.from_micro_usd_per_hour;
    prices[static_cast<std::size_t>((at_ms - span.from_ms) / span.step_ms)] = price;
    least = std::min(least.value_or(price), price);
    most = std::max(most.value_or(price), price);
  }
  if (!least) return;
  const std::string range =
      *least == *most ? usd_text(*least) : usd_text(*least) + " to " + usd_text(*most);
  out.line(sparkline(prices, kColumns) + "  " + range);
  out.line();
}

void show(Output& out, const api::History& history, const Span& span) {
  show_line(out, history, span);
  Table table({{span.step_ms == kHourMs ? "HOUR (UTC)" : "DAY (UTC)", Align::left},
               {"USD/h FROM", Align::decimal},
               {"LEAST", Align::decimal},
               {"FREE", Align::right},
               {"USED", Align::right},
               {"LOGINS", Align::right},
               {"MEDIAN", Align::right},
               {"95 %", Align::right}});
  for (const api::HistoryPoint& point : history.points) {
    table.add({when(point, span),
               point.from_micro_usd_per_hour ? usd_text(*point.from_micro_usd_per_hour) : "-",
               point.least_micro_usd_per_hour ? usd_text(*point.least_micro_usd_per_hour) : "-",
               std::to_string(point.free), std::to_string(point.used), std::to_string(point.logins),
               wait_text(point.login_p50_ms), wait_text(point.login_p95_ms)});
  }
  out.table(table.lines());
}

}  // namespace

base::Result<void> history(Session& session, const HistoryOptions& options) {
  TRY(const std::uint64_t days, read_days(options.days));
  TRY(MarketClient * market, session.market());
  const Span span = span_of(days, session.clock().now_ms());
  TRY(const api::History found, fetch(*market, options, span));
  session.out().result(api::to_json(found));
  if (found.points.empty()) {
    session.out().line("Nothing was sampled of " + fitted(found.card, 40) + " in that time." +
                       (options.simulated ? "" : " Of simulated cards: --simulated"));
    return {};
  }
  show(session.out(), found, span);
  return {};
}

}  // namespace obelisk::cli
