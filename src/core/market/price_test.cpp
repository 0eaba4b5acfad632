#include "core/market/price.hpp"

#include <gtest/gtest.h>

#include <random>

#include "core/escrow/bounds.hpp"

namespace obelisk::market {
namespace {

constexpr std::uint64_t kSol140 = 140'000'000;
__extension__ typedef unsigned __int128 Wide;

TEST(Price, TheFrontPagesCardsInLamports) {
  // 1.38 USD an hour at 140 USD a SOL: 9,857,142.86 lamports, rounded up.
  const auto rate = rate_for({1'380'000, 0, 1, 0}, kSol140);
  ASSERT_TRUE(rate);
  EXPECT_EQ(rate->lamports_per_hour, 9'857'143u);
  EXPECT_EQ(rate->cards_lamports_per_hour, 9'857'143u);
  const auto hour = breakdown_for(*rate, 3600);
  ASSERT_TRUE(hour);
  EXPECT_EQ(hour->price.count, 9'857'143u);
  EXPECT_EQ(hour->cards.count, 9'857'143u);
  EXPECT_EQ(hour->disk.count, 0u);
  EXPECT_EQ(hour->bond.count, 2'951'040u);
  EXPECT_EQ(hour->network_fees.count, 15'000u);
  EXPECT_EQ(hour->total.count, 9'857'143u + 2'951'040u + 15'000u);
  const auto minute = breakdown_for(*rate, 60);
  ASSERT_TRUE(minute);
  EXPECT_EQ(minute->price.count, 164'286u);  // 164,285.72
}

TEST(Price, DiskIsAPartOfTheRateAndShown) {
  // 100 GB at 0.10 USD a GB-month: 10 USD / 730 h = 13,698.6 micro-USD an hour.
  const auto rate = rate_for({880'000, 100'000, 1, 100 * kBytesPerGb}, kSol140);
  ASSERT_TRUE(rate);
  EXPECT_EQ(rate->cards_lamports_per_hour, 6'285'715u);
  EXPECT_EQ(rate->lamports_per_hour, 6'383'562u);  // (880,000 + 13,698.63) / 140 x 1000, up
  const auto parts = breakdown_for(*rate, 7200);
  ASSERT_TRUE(parts);
  EXPECT_EQ(parts->cards.count + parts->disk.count + parts->traffic.count, parts->price.count);
  EXPECT_EQ(parts->price.count, 2 * 6'383'562u);
  EXPECT_EQ(parts->disk.count, 2 * (6'383'562u - 6'285'715u));
}

TEST(Price, WhatDoesNotFitIsRefused) {
  EXPECT_FALSE(lamports_for(1, 0));
  EXPECT_FALSE(lamports_for(UINT64_MAX, 1));
  EXPECT_FALSE(rate_for({1'380'000, 0, 1, 0}, 0));
  EXPECT_FALSE(rate_for({1'380'000, 0, 0, 0}, kSol140));
  EXPECT_FALSE(rate_for({1'380'000, 0, 65, 0}, kSol140));
  EXPECT_FALSE(rate_for({0, 0, 1, 0}, kSol140));
  EXPECT_FALSE(rate_for({UINT64_MAX, 0, 1, 0}, kSol140));
  EXPECT_FALSE(rate_for({1, UINT64_MAX, 1, 1}, kSol140));
  EXPECT_FALSE(rate_for({1, 1, 1, UINT64_MAX}, kSol140));
  EXPECT_FALSE(rate_for({1'000'000'000, 0, 16, 0}, 1));
  EXPECT_FALSE(breakdown_for({1, 1}, 59));
  EXPECT_FALSE(breakdown_for({1, 1}, escrow::kMaxSeconds + 1));
  EXPECT_FALSE(breakdown_for({0, 0}, 3600));
  EXPECT_FALSE(breakdown_for({escrow::kMaxRate + 1, 1}, 3600));
  EXPECT_FALSE(breakdown_for({1, 1}, 3600, base::Lamports{UINT64_MAX}));
  EXPECT_EQ(micro_usd_for(base::Lamports{UINT64_MAX}, UINT64_MAX), UINT64_MAX);
}

// Any ask within an honest market: the rounded result is the least whole number that is not below
// the exact one, the parts add up, and more never costs less.
TEST(Price, RoundingIsUpAndOnceForAnyAsk) {
  std::mt19937_64 random(20'250'211);
  const auto pick = [&](std::uint64_t low, std::uint64_t high) {
    return std::uniform_int_distribution<std::uint64_t>(low, high)(random);
  };
  int judged = 0;
  for (int i = 0; i < 20'000; ++i) {
    const Ask ask{pick(1, 100'000'000), pick(0, 10'000'000),
                  static_cast<std::uint32_t>(pick(1, 16)), pick(0, 20'000 * kBytesPerGb)};
    const std::uint64_t sol = pick(1'000'000, 10'000'000'000);
    const auto rate = rate_for(ask, sol);
    if (!rate) continue;
    ++judged;
    const Wide exact_over =
        Wide{ask.micro_usd_per_hour} * ask.count * kBytesPerGb * kHoursPerMonth +
        Wide{ask.disk_bytes} * ask.micro_usd_per_gb_month;
    const Wide by = Wide{kHoursPerMonth} * sol;
    ASSERT_GE(Wide{rate->lamports_per_hour} * by, exact_over);
    ASSERT_LT(Wide{rate->lamports_per_hour - 1} * by, exact_over);
    ASSERT_LE(rate->cards_lamports_per_hour, rate->lamports_per_hour);
    const auto seconds = static_cast<std::uint32_t>(pick(60, escrow::kMaxSeconds - 1));
    const auto parts = breakdown_for(*rate, seconds);
    ASSERT_TRUE(parts);
    ASSERT_EQ(parts->cards.count + parts->disk.count, parts->price.count);
    ASSERT_GE(Wide{parts->price.count} * 3600, Wide{rate->lamports_per_hour} * seconds);
    ASSERT_LT(Wide{parts->price.count - 1} * 3600, Wide{rate->lamports_per_hour} * seconds);
    ASSERT_EQ(parts->total.count,
              parts->price.count + parts->bond.count + parts->network_fees.count);
    const auto longer = breakdown_for(*rate, seconds + 1);
    ASSERT_TRUE(longer);
    ASSERT_GE(longer->total, parts->total);
  }
  EXPECT_GT(judged, 19'000);
}

}  // namespace
}  // namespace obelisk::market
