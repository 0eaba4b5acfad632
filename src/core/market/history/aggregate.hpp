// Points: what samples come to, one by one, by hour or by day (UTC). Each is computed from its
// samples alone, as docs/history.md says. Pure. It must never show a point without a sample.
#pragma once

#include <span>

#include "core/market/history/sample.hpp"

namespace obelisk::market::history {

enum class Step : std::uint8_t { sample, hour, day };

// "5m", "hour", "day"
std::optional<Step> step_from(std::string_view name);
std::string_view step_name(Step step);
base::UnixMillis length_ms(Step step);
// So many samples a point has at most.
std::size_t samples_in(Step step);

struct Point {
  base::UnixMillis begin_ms = 0;
  std::uint64_t samples = 0;
  // Over the samples that had a free card: the median, and the least.
  std::optional<std::uint64_t> from_micro_usd_per_hour;
  std::optional<std::uint64_t> least_micro_usd_per_hour;
  std::optional<std::uint64_t> from_lamports_per_hour;
  // Means, rounded half up.
  std::uint64_t free = 0;
  std::uint64_t used = 0;
  std::uint64_t listed = 0;
  std::uint64_t least_free = 0;
  std::uint64_t logins = 0;
  std::optional<std::uint64_t> login_p50_ms;  // the median of the medians, each as often as it
                                              // has logins
  std::optional<std::uint64_t> login_p95_ms;  // the greatest: the true one is no more
  bool operator==(const Point&) const = default;
};

// `samples` are of one kind, oldest first.
std::vector<Point> points_of(std::span<const Sample> samples, Step step);

}  // namespace obelisk::market::history
