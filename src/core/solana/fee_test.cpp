#include "core/solana/fee.hpp"

#include <gtest/gtest.h>

namespace obelisk::solana {
namespace {

TEST(Fee, ATenthMoreThanItTookRoundedUp) {
  EXPECT_EQ(unit_limit_for(0), 0u);
  EXPECT_EQ(unit_limit_for(1), 2u);
  EXPECT_EQ(unit_limit_for(1000), 1100u);
  EXPECT_EQ(unit_limit_for(1001), 1102u);
  EXPECT_EQ(unit_limit_for(1'399'999), kMostUnits);
  EXPECT_EQ(unit_limit_for(UINT64_MAX), kMostUnits);
}

TEST(Fee, TheThirdQuartileOfThoseThatPaid) {
  const FeeLimits wide{0, UINT64_MAX, UINT64_MAX};
  EXPECT_EQ(unit_price_for({}, 1000, wide), 0u);
  EXPECT_EQ(unit_price_for({0, 0, 0}, 1000, wide), 0u);
  EXPECT_EQ(unit_price_for({7}, 1000, wide), 7u);
  EXPECT_EQ(unit_price_for({4, 1, 3, 2}, 1000, wide), 3u);
  EXPECT_EQ(unit_price_for({0, 4, 0, 1, 3, 0, 2}, 1000, wide), 3u);
  EXPECT_EQ(unit_price_for({5, 4, 3, 2, 1}, 1000, wide), 4u);
}

TEST(Fee, NeverOutsideItsLimits) {
  const FeeLimits limits{.least_price = 10, .most_price = 500, .most_lamports = 5};
  EXPECT_EQ(unit_price_for({}, 1000, limits), 10u);
  EXPECT_EQ(unit_price_for({1}, 1000, limits), 10u);
  EXPECT_EQ(unit_price_for({9'000'000'000}, 1000, limits), 500u);
  // 5 lamports for 20,000 units: 250 a unit, and not a micro-lamport more.
  EXPECT_EQ(unit_price_for({9'000'000'000}, 20'000, limits), 250u);
  // Even the floor gives way to the cap.
  EXPECT_EQ(unit_price_for({1}, 1'400'000, limits), 3u);
  EXPECT_EQ(unit_price_for({UINT64_MAX}, kMostUnits, {0, UINT64_MAX, UINT64_MAX}),
            UINT64_MAX / 1'000'000 * 1'000'000 / kMostUnits);
}

TEST(Fee, NoFeesAtAllIsALimitToo) {
  EXPECT_EQ(unit_price_for({1'000'000}, 1000, {0, 0, 50'000}), 0u);
  EXPECT_EQ(unit_price_for({1'000'000}, 1000, {0, 1'000'000, 0}), 0u);
}

TEST(Fee, SettingsAreReadOrRefused) {
  EXPECT_EQ(fee_limits_from("", "").value(), FeeLimits{});
  EXPECT_EQ(fee_limits_from("5..70", "9").value(), (FeeLimits{5, 70, 9}));
  EXPECT_EQ(fee_limits_from("5..5", "").value(), (FeeLimits{5, 5, FeeLimits{}.most_lamports}));
  for (const char* prices :
       {"5", "5..", "..5", "7..5", "-1..5", "1...5", "1..5x", "a..b", " 1..2"}) {
    EXPECT_EQ(fee_limits_from(prices, "").error().code, base::Code::usage) << prices;
  }
  for (const char* most : {"-1", "1.5", "x", "99999999999999999999"}) {
    EXPECT_EQ(fee_limits_from("", most).error().code, base::Code::usage) << most;
  }
}

}  // namespace
}  // namespace obelisk::solana
