#include "core/host/advice.hpp"

#include <gtest/gtest.h>

#include "core/escrow/bounds.hpp"

namespace obelisk::host {
namespace {

MarketPrices a40() {
  MarketPrices out;
  out.card_name = "A40";
  return out;
}

TEST(Advice, IsOfRowsAlone) {
  MarketPrices prices = a40();
  prices.others = {1'400'000, 900'000, 1'000'000};
  prices.rented = {9'000'000, 7'857'143, 1'000'000};
  prices.micro_usd_per_sol = 140'000'000;
  prices.listed = 8;
  prices.taken = 6;
  const Advice advice = advise(prices);
  EXPECT_EQ(advice.least, 900'000U);
  EXPECT_EQ(advice.most, 1'400'000U);
  EXPECT_EQ(advice.median_lamports, 7'857'143U);
  EXPECT_EQ(advice.median_micro_usd, 1'100'000U);
  EXPECT_EQ(to_text(advice),
            "Others ask $0.90 to $1.40/h for one A40; the median of 3 rented in the last 7 days "
            "was $1.10/h at the rate of now; 6 of 8 are taken.");
}

TEST(Advice, SaysWhatNobodyKnows) {
  const Advice nothing = advise(a40());
  Advice blank;
  blank.card_name = "A40";
  EXPECT_EQ(nothing, blank) << "not one figure";
  EXPECT_EQ(to_text(nothing),
            "Nobody else offers one A40 now; none was rented in the last 7 days.");
  MarketPrices prices = a40();
  prices.rented = {6'285'715};
  EXPECT_EQ(to_text(advise(prices)),
            "Nobody else offers one A40 now; the median of 1 rented in the last 7 days was "
            "0.006286 SOL/h.")
      << "no rate, so no dollars";
  prices = a40();
  prices.others = {880'000};
  prices.listed = 1;
  prices.taken = 0;
  EXPECT_EQ(to_text(advise(prices)),
            "Others ask $0.88/h for one A40; none was rented in the last 7 days; 0 of 1 are "
            "taken.");
  prices.listed = 0;
  EXPECT_FALSE(advise(prices).listed) << "none is listed: there is nothing to say";
}

TEST(Advice, OfAnEvenNumberTheMedianIsTheLesser) {
  MarketPrices prices = a40();
  prices.rented = {4, 1, 3, 2};
  EXPECT_EQ(advise(prices).median_lamports, 2U);
}

TEST(Advice, StrangeFiguresStayFigures) {
  MarketPrices prices = a40();
  prices.others = {UINT64_MAX / 2, 1, 400, 99'999};
  prices.rented = {UINT64_MAX, escrow::kMaxRate, escrow::kMaxRate};
  prices.micro_usd_per_sol = UINT64_MAX;
  prices.is_rented_whole = false;
  const Advice advice = advise(prices);
  EXPECT_EQ(advice.others, 3U) << "more than anybody can ask is nobody's price";
  EXPECT_EQ(advice.rented, 2U);
  EXPECT_FALSE(advice.median_micro_usd);
  EXPECT_NE(to_text(advice).find("the newest 2"), std::string::npos);
}

}  // namespace
}  // namespace obelisk::host
