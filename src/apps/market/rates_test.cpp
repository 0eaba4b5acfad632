#include "apps/market/rates.hpp"

#include <gtest/gtest.h>

#include "apps/market/testing.hpp"

namespace obelisk::market_app {
namespace {

TEST(Buckets, LetABurstThroughAndThenTheRate) {
  Buckets buckets(10, 3, 100);
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(buckets.take("a", 0)) << i;
  EXPECT_EQ(buckets.take("a", 0), 1);
  EXPECT_FALSE(buckets.take("b", 0));
  EXPECT_EQ(buckets.take("a", 99), 1);
  EXPECT_FALSE(buckets.take("a", 100));
  EXPECT_EQ(buckets.take("a", 100), 1);
  // A long rest fills the bucket and not more.
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(buckets.take("a", 1'000'000'000'000)) << i;
  EXPECT_EQ(buckets.take("a", 1'000'000'000'000), 1);
}

TEST(Buckets, AskingTooOftenCostsNothingMore) {
  Buckets buckets(1, 1, 100);
  EXPECT_FALSE(buckets.take("a", 0));
  for (int ms = 0; ms < 1000; ms += 10) EXPECT_EQ(buckets.take("a", ms), 1) << ms;
  EXPECT_FALSE(buckets.take("a", 1000));
}

TEST(Buckets, KeepTheOnesThatWereUsedLast) {
  Buckets buckets(1, 1, 10);
  EXPECT_FALSE(buckets.take("kept", 0));
  for (int i = 0; i < 1000; ++i) {
    EXPECT_FALSE(buckets.take("stranger " + std::to_string(i), 0));
    EXPECT_TRUE(buckets.take("kept", 0)) << i;
    EXPECT_LE(buckets.size(), 10u);
  }
  EXPECT_TRUE(buckets.take("stranger 999", 0));
  EXPECT_FALSE(buckets.take("stranger 1", 0));
  Buckets off(0, 1, 10);
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(off.take("a", 0));
  EXPECT_EQ(off.size(), 0u);
}

TEST(Rates, ReadsWritesAndWalletsAreApart) {
  testing::TestClock clock;
  Limits limits;
  limits.reads_burst = 2;
  limits.writes_burst = 1;
  limits.wallet_writes_burst = 1;
  Rates rates(limits, clock);
  EXPECT_FALSE(rates.of_address("10.0.0.1", true));
  EXPECT_FALSE(rates.of_address("10.0.0.1", true));
  EXPECT_TRUE(rates.of_address("10.0.0.1", true));
  EXPECT_FALSE(rates.of_address("10.0.0.1", false));
  EXPECT_TRUE(rates.of_address("10.0.0.1", false));
  EXPECT_FALSE(rates.of_address("10.0.0.2", true));
  // One person has a whole /64.
  EXPECT_FALSE(rates.of_address("2001:db8::1", false));
  EXPECT_TRUE(rates.of_address("2001:db8::2", false));
  EXPECT_FALSE(rates.of_wallet(testing::key(1)));
  EXPECT_TRUE(rates.of_wallet(testing::key(1)));
  EXPECT_FALSE(rates.of_wallet(testing::key(2)));
  const auto said = too_often(3);
  EXPECT_EQ(said.status, 429);
  EXPECT_EQ(said.header("Retry-After"), "3");
  EXPECT_NE(said.body.find("\"code\":\"rate_limited\""), std::string::npos);
}

}  // namespace
}  // namespace obelisk::market_app
