#include "core/market/history/aggregate.hpp"

#include <algorithm>
#include <array>

#include "base/nearest_rank.hpp"

namespace obelisk::market::history {
namespace {

constexpr base::UnixMillis kHourMs = 3'600'000;

struct StepInfo {
  Step step;
  std::string_view name;
  base::UnixMillis length_ms;
};
constexpr std::array<StepInfo, 3> kSteps{{{Step::sample, "5m", kSlotMs},
                                          {Step::hour, "hour", kHourMs},
                                          {Step::day, "day", 24 * kHourMs}}};

const StepInfo& info(Step step) { return kSteps[static_cast<std::size_t>(step)]; }

std::optional<std::uint64_t> median(std::vector<std::uint64_t> values) {
  if (values.empty()) return std::nullopt;
  std::ranges::sort(values);
  return base::nearest_rank(values, 50);
}

std::uint64_t mean(std::uint64_t sum, std::uint64_t count) { return (sum + count / 2) / count; }

// The median of values that stand for several each.
std::optional<std::uint64_t> weighted_median(
    std::vector<std::pair<std::uint64_t, std::uint64_t>> values, std::uint64_t weight) {
  if (weight == 0) return std::nullopt;
  std::ranges::sort(values);
  const std::uint64_t rank = (weight + 1) / 2;
  std::uint64_t below = 0;
  for (const auto& [value, times] : values) {
    below += times;
    if (below >= rank) return value;
  }
  return std::nullopt;
}

Point point_of(std::span<const Sample> samples, base::UnixMillis begin_ms) {
  Point out;
  out.begin_ms = begin_ms;
  out.samples = samples.size();
  out.least_free = samples.front().free;
  std::vector<std::uint64_t> usd;
  std::vector<std::uint64_t> lamports;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> logins;
  for (const Sample& sample : samples) {
    if (sample.from_micro_usd_per_hour) usd.push_back(*sample.from_micro_usd_per_hour);
    if (sample.from_lamports_per_hour) lamports.push_back(*sample.from_lamports_per_hour);
    out.free += sample.free;
    out.used += sample.used;
    out.listed += sample.listed;
    out.least_free = std::min(out.least_free, sample.free);
    if (sample.logins == 0 || !sample.login_p50_ms || !sample.login_p95_ms) continue;
    out.logins += sample.logins;
    logins.emplace_back(*sample.login_p50_ms, sample.logins);
    out.login_p95_ms = std::max(out.login_p95_ms.value_or(0), *sample.login_p95_ms);
  }
  out.free = mean(out.free, out.samples);
  out.used = mean(out.used, out.samples);
  out.listed = mean(out.listed, out.samples);
  if (!usd.empty()) out.least_micro_usd_per_hour = *std::ranges::min_element(usd);
  out.from_micro_usd_per_hour = median(std::move(usd));
  out.from_lamports_per_hour = median(std::move(lamports));
  out.login_p50_ms = weighted_median(std::move(logins), out.logins);
  return out;
}

}  // namespace

std::optional<Step> step_from(std::string_view name) {
  const auto* const at = std::ranges::find(kSteps, name, &StepInfo::name);
  if (at == kSteps.end()) return std::nullopt;
  return at->step;
}

std::string_view step_name(Step step) { return info(step).name; }
base::UnixMillis length_ms(Step step) { return info(step).length_ms; }
std::size_t samples_in(Step step) {
  return static_cast<std::size_t>(info(step).length_ms / kSlotMs);
}

std::vector<Point> points_of(std::span<const Sample> samples, Step step) {
  const base::UnixMillis length = length_ms(step);
  std::vector<Point> out;
  std::size_t from = 0;
  while (from < samples.size()) {
    const base::UnixMillis begin_ms = samples[from].slot_ms / length * length;
    std::size_t to = from + 1;
    while (to < samples.size() && samples[to].slot_ms < begin_ms + length) ++to;
    out.push_back(point_of(samples.subspan(from, to - from), begin_ms));
    from = to;
  }
  return out;
}

}  // namespace obelisk::market::history
