#include "core/market/history/sample.hpp"

#include <gtest/gtest.h>

namespace obelisk::market::history {
namespace {

constexpr base::UnixMillis kNoon = 1'795'003'200'000;
static_assert(kNoon % kSlotMs == 0);

TEST(Due, EveryFiveMinutesOfTheWallClock) {
  const base::UnixMillis long_ago = kNoon - 3'600'000;
  EXPECT_EQ(due(kNoon, long_ago, std::nullopt), kNoon);
  EXPECT_EQ(due(kNoon + kLateMs, long_ago, kNoon - kSlotMs), kNoon);
  EXPECT_FALSE(due(kNoon, long_ago, kNoon)) << "done";
  EXPECT_FALSE(due(kNoon + 1000, long_ago, kNoon));
  EXPECT_FALSE(due(kNoon - 1, long_ago, kNoon - kSlotMs));
  EXPECT_EQ(due(kNoon + kSlotMs, long_ago, kNoon), kNoon + kSlotMs);
}

TEST(Due, AMomentThatWasMissedStaysAGap) {
  const base::UnixMillis long_ago = kNoon - 3'600'000;
  EXPECT_FALSE(due(kNoon + kLateMs + 1, long_ago, kNoon - kSlotMs));
  EXPECT_EQ(due(kNoon + 4 * kSlotMs, long_ago, kNoon - kSlotMs), kNoon + 4 * kSlotMs)
      << "and the missed ones are not made up for";
}

TEST(Due, AStartWaitsForItsHosts) {
  EXPECT_FALSE(due(kNoon, kNoon - kSettlingMs + 1, std::nullopt));
  EXPECT_EQ(due(kNoon, kNoon - kSettlingMs, std::nullopt), kNoon);
  EXPECT_FALSE(due(kNoon + 5000, kNoon + 1000, std::nullopt));
}

TEST(Due, AClockThatWasSetBackSamplesNothingTwice) {
  EXPECT_FALSE(due(kNoon, 0, kNoon + kSlotMs));
  EXPECT_FALSE(due(-5, -kSlotMs, std::nullopt));
}

TEST(Samples, AreOfWhatIsListedOrWasAndApartByWhetherItExists) {
  const Kind real{"a40", false};
  const Kind simulated{"a40", true};
  const Kind gone{"l4", false};
  const std::map<Kind, Tally> now{{real, {2, 5, 880'000}}, {simulated, {0, 3, {}}}};
  const auto samples = samples_of(kNoon, now, {gone, real}, {}, 140'000'000);
  ASSERT_EQ(samples.size(), 3u);
  const Sample& first = samples[0];
  EXPECT_EQ(first.kind, real);
  EXPECT_EQ(first.slot_ms, kNoon);
  EXPECT_EQ(first.from_micro_usd_per_hour, 880'000u);
  EXPECT_EQ(first.from_lamports_per_hour, 6'285'715u) << "0.88 / 140 SOL, rounded up";
  EXPECT_EQ(first.free, 2u);
  EXPECT_EQ(first.used, 3u);
  EXPECT_EQ(first.listed, 5u);
  EXPECT_EQ(samples[1].kind, simulated);
  EXPECT_FALSE(samples[1].from_micro_usd_per_hour) << "nothing is free: there is no price";
  EXPECT_EQ(samples[1].used, 3u);
  Sample nothing;
  nothing.slot_ms = kNoon;
  nothing.kind = gone;
  EXPECT_EQ(samples[2], nothing) << "it was there once";
  EXPECT_FALSE(samples_of(kNoon, now, {}, {}, 0)[0].from_lamports_per_hour) << "no rate is known";
  EXPECT_TRUE(samples_of(kNoon, {}, {}, {}, 1).empty());
}

TEST(Samples, TellHowLongLoginsTook) {
  const Kind kind{"a40", false};
  std::vector<Login> logins;
  for (std::uint64_t i = 1; i <= 20; ++i) logins.push_back({kind, 100 * (21 - i)});
  logins.push_back({{"l4", false}, 7});
  const auto samples = samples_of(kNoon, {{kind, {1, 1, 5}}}, {}, logins, 0);
  ASSERT_EQ(samples.size(), 2u);
  EXPECT_EQ(samples[0].logins, 20u);
  EXPECT_EQ(samples[0].login_p50_ms, 1000u);
  EXPECT_EQ(samples[0].login_p95_ms, 1900u);
  EXPECT_EQ(samples[1].login_p95_ms, 7u) << "its host is gone, the login was there";
  EXPECT_FALSE(samples_of(kNoon, {{kind, {1, 1, 5}}}, {}, {}, 0)[0].login_p50_ms);
}

}  // namespace
}  // namespace obelisk::market::history
