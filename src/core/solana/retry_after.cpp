#include "core/solana/retry_after.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

namespace obelisk::solana {
namespace {

constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

std::optional<unsigned> number(std::string_view digits) {
  unsigned out = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), out);
  if (read.ec != std::errc{} || read.ptr != digits.data() + digits.size()) return std::nullopt;
  return out;
}

// "Sun, 06 Nov 1994 08:49:37 GMT": the one form that servers write today.
std::optional<base::UnixMillis> date(std::string_view text) {
  constexpr std::string_view kShape = "Ddd, 00 Mmm 0000 00:00:00 GMT";
  if (text.size() != kShape.size() || !text.ends_with(" GMT")) return std::nullopt;
  for (const std::size_t at : {3, 4, 7, 11, 16, 19, 22}) {
    if (text[at] != kShape[at]) return std::nullopt;
  }
  const auto day = number(text.substr(5, 2));
  const auto month = std::find(kMonths.begin(), kMonths.end(), text.substr(8, 3));
  const auto year = number(text.substr(12, 4));
  const auto hour = number(text.substr(17, 2));
  const auto minute = number(text.substr(20, 2));
  const auto second = number(text.substr(23, 2));
  if (!day || month == kMonths.end() || !year || !hour || !minute || !second) return std::nullopt;
  const std::chrono::year_month_day when{
      std::chrono::year(static_cast<int>(*year)),
      std::chrono::month(static_cast<unsigned>(month - kMonths.begin()) + 1),
      std::chrono::day(*day)};
  if (!when.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  const std::int64_t days = std::chrono::sys_days(when).time_since_epoch().count();
  return (((days * 24 + *hour) * 60 + *minute) * 60 + *second) * 1000;
}

}  // namespace

std::optional<int> retry_after_ms(std::string_view header, base::UnixMillis now_ms) {
  std::int64_t wait_ms = 0;
  if (const auto seconds = number(header)) {
    wait_ms = std::int64_t{*seconds} * 1000;
  } else if (const auto when = date(header)) {
    wait_ms = *when - now_ms;
  } else {
    return std::nullopt;
  }
  return static_cast<int>(std::clamp<std::int64_t>(wait_ms, 0, kLongestRetryAfterMs));
}

}  // namespace obelisk::solana
