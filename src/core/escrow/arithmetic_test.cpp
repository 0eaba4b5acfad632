#include "core/escrow/arithmetic.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <type_traits>

namespace obelisk::escrow {
namespace {

using Maybe = std::optional<std::uint64_t>;
__extension__ typedef unsigned __int128 Wide;

template <class B>
Maybe call(bool (*function)(std::uint64_t, B, std::uint64_t&), std::uint64_t a,
           std::type_identity_t<B> b) {
  std::uint64_t out = 0;
  if (!function(a, b, out)) return std::nullopt;
  return out;
}

TEST(Arithmetic, AddAndSubtractRefuseToWrap) {
  EXPECT_EQ(call(add, UINT64_MAX - 1, 1), Maybe(UINT64_MAX));
  EXPECT_EQ(call(add, UINT64_MAX, 1), std::nullopt);
  EXPECT_EQ(call(add, UINT64_MAX, UINT64_MAX), std::nullopt);
  EXPECT_EQ(call(subtract, 5, 5), Maybe(0));
  EXPECT_EQ(call(subtract, 5, 6), std::nullopt);
}

TEST(Arithmetic, TimesRefuseToWrap) {
  std::int64_t later = 0;
  EXPECT_TRUE(add_seconds(INT64_MAX - 60, 60, later));
  EXPECT_EQ(later, INT64_MAX);
  EXPECT_FALSE(add_seconds(INT64_MAX - 59, 60, later));
  EXPECT_TRUE(add_seconds(INT64_MIN, 1, later));
  EXPECT_EQ(later, INT64_MIN + 1);
  std::uint64_t seconds = 0;
  EXPECT_TRUE(seconds_between(-5, 5, seconds));
  EXPECT_EQ(seconds, 10u);
  EXPECT_TRUE(seconds_between(INT64_MIN, INT64_MAX, seconds));
  EXPECT_EQ(seconds, UINT64_MAX);
  EXPECT_FALSE(seconds_between(5, 4, seconds));
}

TEST(Arithmetic, PriceRoundsUpAndEarnedDown) {
  struct Row {
    std::uint64_t rate, seconds, price, earned;
  };
  for (const Row& row : {Row{1, 60, 1, 0}, Row{1, 3600, 1, 1}, Row{1, 3601, 2, 1},
                         Row{3600, 60, 60, 60}, Row{7, 1800, 4, 3}, Row{9'200'000, 1, 2556, 2555},
                         Row{9'200'000, 3600, 9'200'000, 9'200'000}, Row{1, 0, 0, 0}}) {
    EXPECT_EQ(call(price, row.rate, row.seconds), Maybe(row.price)) << row.rate;
    EXPECT_EQ(call(earned, row.rate, row.seconds), Maybe(row.earned)) << row.rate;
  }
}

TEST(Arithmetic, TheLargestLeaseFits) {
  const auto exact = static_cast<Wide>(kMaxRate) * kMaxSeconds;
  EXPECT_LT(exact, static_cast<Wide>(1) << 63);
  EXPECT_EQ(call(price, kMaxRate, kMaxSeconds),
            Maybe(static_cast<std::uint64_t>((exact + 3599) / 3600)));
  EXPECT_EQ(call(earned, kMaxRate, kMaxSeconds), Maybe(static_cast<std::uint64_t>(exact / 3600)));
  const std::uint64_t all = static_cast<std::uint64_t>(exact / 3600);
  const auto part = static_cast<Wide>(all) * kMaxFeeBps / 10'000;
  EXPECT_EQ(call(fee, all, kMaxFeeBps), Maybe(static_cast<std::uint64_t>(part)));
}

TEST(Arithmetic, WhatMightNotFitIsRefused) {
  EXPECT_EQ(call(price, UINT64_MAX, 60), std::nullopt);
  EXPECT_EQ(call(earned, std::uint64_t{1} << 40, 60), std::nullopt);
  EXPECT_EQ(call(earned, 1, UINT64_MAX), std::nullopt);
  EXPECT_EQ(call(fee, UINT64_MAX, 1000), std::nullopt);
  EXPECT_EQ(call(fee, 1, UINT16_MAX), std::nullopt);
}

TEST(Arithmetic, FeeRoundsDown) {
  EXPECT_EQ(call(fee, 0, 250), Maybe(0));
  EXPECT_EQ(call(fee, 39, 250), Maybe(0));
  EXPECT_EQ(call(fee, 40, 250), Maybe(1));
  EXPECT_EQ(call(fee, 9'999, 1000), Maybe(999));
  EXPECT_EQ(call(fee, 1'000'000, 0), Maybe(0));
}

TEST(Bounds, EachEdgeOfThePurchase) {
  EXPECT_TRUE(within_bounds(1, 60, 60));
  EXPECT_TRUE(within_bounds(kMaxRate, kMaxSeconds, kMaxSeconds));
  EXPECT_FALSE(within_bounds(0, 60, 60));
  EXPECT_FALSE(within_bounds(kMaxRate + 1, 60, 60));
  EXPECT_FALSE(within_bounds(1, 59, 60));
  EXPECT_FALSE(within_bounds(1, 61, 60));
  EXPECT_FALSE(within_bounds(1, 60, kMaxSeconds + 1));
}

TEST(Bounds, EachEdgeOfTheTerms) {
  const MarketTerms sound = {0, 250, 60, 180, 21'600, {}};
  EXPECT_TRUE(within_bounds(sound));
  const auto with = [&](auto change) {
    MarketTerms terms = sound;
    change(terms);
    return within_bounds(terms);
  };
  EXPECT_TRUE(with([](MarketTerms& t) { t.paused = 1; }));
  EXPECT_FALSE(with([](MarketTerms& t) { t.paused = 2; }));
  EXPECT_TRUE(with([](MarketTerms& t) { t.fee_bps = 1000; }));
  EXPECT_FALSE(with([](MarketTerms& t) { t.fee_bps = 1001; }));
  EXPECT_TRUE(with([](MarketTerms& t) { t.ready_deadline_s = 30; }));
  EXPECT_FALSE(with([](MarketTerms& t) { t.ready_deadline_s = 29; }));
  EXPECT_TRUE(with([](MarketTerms& t) { t.ready_deadline_s = 600; }));
  EXPECT_FALSE(with([](MarketTerms& t) { t.ready_deadline_s = 601; }));
  EXPECT_TRUE(with([](MarketTerms& t) { t.gap_limit_s = 60; }));
  EXPECT_FALSE(with([](MarketTerms& t) { t.gap_limit_s = 59; }));
  EXPECT_TRUE(with([](MarketTerms& t) { t.gap_limit_s = 600; }));
  EXPECT_FALSE(with([](MarketTerms& t) { t.gap_limit_s = 601; }));
  EXPECT_TRUE(with([](MarketTerms& t) { t.claim_window_s = 600; }));
  EXPECT_FALSE(with([](MarketTerms& t) { t.claim_window_s = 599; }));
  EXPECT_TRUE(with([](MarketTerms& t) { t.claim_window_s = 86'400; }));
  EXPECT_FALSE(with([](MarketTerms& t) { t.claim_window_s = 86'401; }));
}

}  // namespace
}  // namespace obelisk::escrow
