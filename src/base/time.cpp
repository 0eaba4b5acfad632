#include "base/time.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>

namespace obelisk::base {
namespace {

constexpr UnixSeconds kLast = 253'402'300'799;  // 9999-12-31T23:59:59Z

std::string date_and_time(UnixSeconds time_s) {
  using namespace std::chrono;
  const sys_seconds moment{seconds{std::clamp<UnixSeconds>(time_s, 0, kLast)}};
  const auto day = floor<days>(moment);
  const year_month_day date{day};
  const hh_mm_ss clock{moment - day};
  char text[32];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d", int{date.year()},
                unsigned{date.month()}, unsigned{date.day()},
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string two(const char* format, std::int64_t a, std::int64_t b) {
  char text[64];
  std::snprintf(text, sizeof text, format, static_cast<long long>(a), static_cast<long long>(b));
  return text;
}

}  // namespace

std::string to_rfc3339(UnixMillis time_ms) {
  const UnixMillis safe = std::clamp<UnixMillis>(time_ms, 0, kLast * 1000 + 999);
  char fraction[8];
  std::snprintf(fraction, sizeof fraction, ".%03dZ", static_cast<int>(safe % 1000));
  return date_and_time(safe / 1000) + fraction;
}

std::string to_rfc3339_seconds(UnixSeconds time_s) { return date_and_time(time_s) + "Z"; }

std::optional<UnixMillis> parse_rfc3339(std::string_view text) {
  using namespace std::chrono;
  constexpr std::string_view kForm = "dddd-dd-ddTdd:dd:dd";
  if (text.size() <= kForm.size() || text.size() > 40 || text.back() != 'Z') return std::nullopt;
  for (std::size_t i = 0; i < kForm.size(); ++i) {
    if (kForm[i] == 'd' ? !is_digit(text[i]) : text[i] != kForm[i]) return std::nullopt;
  }
  std::string_view fraction = text.substr(kForm.size(), text.size() - kForm.size() - 1);
  if (!fraction.empty()) {
    if (fraction[0] != '.' || fraction.size() < 2) return std::nullopt;
    fraction.remove_prefix(1);
    if (!std::all_of(fraction.begin(), fraction.end(), is_digit)) return std::nullopt;
  }
  const auto number = [&](std::size_t at, std::size_t digits) {
    int value = 0;
    for (const char c : text.substr(at, digits)) value = value * 10 + (c - '0');
    return value;
  };
  const year_month_day date{year{number(0, 4)}, month{static_cast<unsigned>(number(5, 2))},
                            day{static_cast<unsigned>(number(8, 2))}};
  const int hour = number(11, 2), minute = number(14, 2), second = number(17, 2);
  if (!date.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  UnixMillis ms = 0;
  for (std::size_t i = 0; i < 3; ++i) ms = ms * 10 + (i < fraction.size() ? fraction[i] - '0' : 0);
  const auto days_s = duration_cast<seconds>(sys_days{date}.time_since_epoch()).count();
  return (days_s + hour * 3600 + minute * 60 + second) * 1000 + ms;
}

std::string to_duration_text(std::int64_t seconds) {
  if (seconds < 0) seconds = 0;
  if (seconds < 120) return std::to_string(seconds) + " s";
  if (seconds < 7200) return std::to_string(seconds / 60) + " min";
  if (seconds < 86'400) return two("%lld h %02lld min", seconds / 3600, seconds % 3600 / 60);
  return two("%lld d %02lld h", seconds / 86'400, seconds % 86'400 / 3600);
}

}  // namespace obelisk::base
