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

std::string to_duration_text(std::int64_t seconds) {
  if (seconds < 0) seconds = 0;
  if (seconds < 120) return std::to_string(seconds) + " s";
  if (seconds < 7200) return std::to_string(seconds / 60) + " min";
  if (seconds < 86'400) return two("%lld h %02lld min", seconds / 3600, seconds % 3600 / 60);
  return two("%lld d %02lld h", seconds / 86'400, seconds % 86'400 / 3600);
}

}  // namespace obelisk::base
