#include "core/market/history/aggregate.hpp"

#include <gtest/gtest.h>

namespace obelisk::market::history {
namespace {

constexpr base::UnixMillis kMidnight = 1'795'046'400'000;
constexpr base::UnixMillis kHourMs = 3'600'000;
static_assert(kMidnight % (24 * kHourMs) == 0);

Sample sample(base::UnixMillis at_ms, std::optional<std::uint64_t> usd, std::uint64_t free) {
  Sample out;
  out.slot_ms = at_ms;
  out.from_micro_usd_per_hour = usd;
  if (usd) out.from_lamports_per_hour = *usd * 7;
  out.free = free;
  out.listed = 10;
  out.used = 10 - free;
  return out;
}

TEST(Points, RawOnesAreTheSamples) {
  Sample one = sample(kMidnight, 500, 3);
  one.logins = 2;
  one.login_p50_ms = 40;
  one.login_p95_ms = 60;
  const auto points = points_of(std::vector{one, sample(kMidnight + kSlotMs, {}, 0)}, Step::sample);
  ASSERT_EQ(points.size(), 2u);
  EXPECT_EQ(points[0], (Point{kMidnight, 1, 500, 500, 3500, 3, 7, 10, 3, 2, 40, 60}));
  EXPECT_FALSE(points[1].from_micro_usd_per_hour);
  EXPECT_EQ(points[1].used, 10u);
}

TEST(Points, AnHourIsTheMedianPriceAndTheMeanCount) {
  const std::vector samples{sample(kMidnight, 900, 1), sample(kMidnight + kSlotMs, 300, 2),
                            sample(kMidnight + 2 * kSlotMs, {}, 0),
                            sample(kMidnight + 11 * kSlotMs, 500, 3),
                            sample(kMidnight + 3 * kHourMs, 100, 4)};
  const auto points = points_of(samples, Step::hour);
  ASSERT_EQ(points.size(), 2u) << "an hour without a sample is not there";
  EXPECT_EQ(points[0].begin_ms, kMidnight);
  EXPECT_EQ(points[0].samples, 4u);
  EXPECT_EQ(points[0].from_micro_usd_per_hour, 500u) << "of the three that had a price";
  EXPECT_EQ(points[0].least_micro_usd_per_hour, 300u);
  EXPECT_EQ(points[0].from_lamports_per_hour, 3500u);
  EXPECT_EQ(points[0].free, 2u) << "1.5, half up";
  EXPECT_EQ(points[0].used, 9u) << "8.5, half up";
  EXPECT_EQ(points[0].least_free, 0u);
  EXPECT_EQ(points[1].begin_ms, kMidnight + 3 * kHourMs);
  const auto days = points_of(samples, Step::day);
  ASSERT_EQ(days.size(), 1u);
  EXPECT_EQ(days[0].samples, 5u);
  EXPECT_EQ(days[0].from_micro_usd_per_hour, 300u) << "of four, the second";
}

TEST(Points, LoginsCountAsOftenAsTheyWere) {
  std::vector samples{sample(kMidnight, 1, 1), sample(kMidnight + kSlotMs, 1, 1),
                      sample(kMidnight + 2 * kSlotMs, 1, 1)};
  samples[0].logins = 1;
  samples[0].login_p50_ms = samples[0].login_p95_ms = 9000;
  samples[2].logins = 4;
  samples[2].login_p50_ms = 700;
  samples[2].login_p95_ms = 1200;
  const Point hour = points_of(samples, Step::hour).at(0);
  EXPECT_EQ(hour.logins, 5u);
  EXPECT_EQ(hour.login_p50_ms, 700u);
  EXPECT_EQ(hour.login_p95_ms, 9000u);
}

TEST(Points, StepsHaveNames) {
  for (const Step step : {Step::sample, Step::hour, Step::day}) {
    EXPECT_EQ(step_from(step_name(step)), step);
  }
  EXPECT_FALSE(step_from("week"));
  EXPECT_EQ(samples_in(Step::day), 288u);
  EXPECT_TRUE(points_of({}, Step::day).empty());
}

}  // namespace
}  // namespace obelisk::market::history
