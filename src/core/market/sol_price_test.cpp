#include "core/market/sol_price.hpp"

#include <gtest/gtest.h>

namespace obelisk::market {
namespace {

constexpr base::UnixMillis kNow = 1'795'000'000'000;

// Around `dollars`, a cent wide.
PriceReading reading(const char* source, std::uint64_t dollars, std::int64_t age_ms = 1000) {
  const std::uint64_t mid = dollars * 1'000'000;
  return {source, mid - 5'000, mid + 5'000, kNow - age_ms, true};
}

std::string refusal(const std::vector<PriceReading>& readings) {
  const auto price = agree_on_price(readings, kNow);
  EXPECT_FALSE(price);
  if (price) return "";
  EXPECT_EQ(price.error().code, base::Code::unreachable);
  return price.error().message;
}

TEST(SolPrice, IsTheMedianOfWhoAgree) {
  const auto two = agree_on_price({reading("kraken", 142), reading("coinbase", 140, 3000)}, kNow);
  ASSERT_TRUE(two) << two.error().message;
  EXPECT_EQ(two->micro_usd_per_sol, 141'000'000u);
  EXPECT_EQ(two->sources, "median of coinbase, kraken");
  EXPECT_EQ(two->at_ms, kNow - 3000);
  const auto three =
      agree_on_price({reading("a", 142), reading("b", 140), reading("c", 141)}, kNow);
  ASSERT_TRUE(three);
  EXPECT_EQ(three->micro_usd_per_sol, 141'000'000u);
  EXPECT_TRUE(three->left_out.empty());
}

TEST(SolPrice, OneLiarAmongThreeIsLeftOut) {
  for (const std::uint64_t lie : {10u, 130u, 150u, 1400u, 900'000u}) {
    const auto price =
        agree_on_price({reading("a", 140), reading("liar", lie), reading("b", 141)}, kNow);
    ASSERT_TRUE(price) << lie;
    EXPECT_EQ(price->sources, "median of a, b") << lie;
    ASSERT_EQ(price->left_out.size(), 1u);
    EXPECT_EQ(price->left_out[0], "liar: too far from the others");
  }
}

TEST(SolPrice, OneAloneOrTwoThatContradictMakeNone) {
  EXPECT_NE(refusal({}).find("0 of the sources in dollars"), std::string::npos);
  EXPECT_NE(
      refusal({reading("a", 140)}).find("1 of the sources in dollars can be used, 2 are needed"),
      std::string::npos);
  EXPECT_NE(refusal({reading("a", 140), reading("b", 144)}).find("too far"), std::string::npos);
  // Two against two: nobody can tell.
  refusal({reading("a", 140), reading("b", 140), reading("c", 150), reading("d", 150)});
}

TEST(SolPrice, OneSourceAskedInTwoWaysIsOneSource) {
  refusal({reading("pyth", 140), reading("pyth", 140, 3000)});
  const auto price = agree_on_price(
      {reading("pyth", 141, 3000), reading("pyth", 140), reading("kraken", 140)}, kNow);
  ASSERT_TRUE(price);
  EXPECT_EQ(price->sources, "median of kraken, pyth");
  EXPECT_EQ(price->micro_usd_per_sol, 140'000'000u) << "its freshest word counts";
}

TEST(SolPrice, EachLimitIsExact) {
  const auto good = reading("a", 140);
  const auto with = [&](auto change) {
    PriceReading other = reading("b", 140);
    change(other);
    return agree_on_price({good, other}, kNow).ok();
  };
  EXPECT_TRUE(with([](PriceReading& r) { r.at_ms = kNow - 15'000; }));
  EXPECT_FALSE(with([](PriceReading& r) { r.at_ms = kNow - 15'001; }));
  EXPECT_TRUE(with([](PriceReading& r) { r.at_ms = kNow + 5'000; }));
  EXPECT_FALSE(with([](PriceReading& r) { r.at_ms = kNow + 5'001; }));
  EXPECT_TRUE(with([](PriceReading& r) { r = {"b", 140'000'000, 140'700'000, kNow, true}; }));
  EXPECT_FALSE(with([](PriceReading& r) { r = {"b", 140'000'000, 140'700'001, kNow, true}; }));
  EXPECT_FALSE(with([](PriceReading& r) { std::swap(r.bid, r.ask); }));
  EXPECT_FALSE(with([](PriceReading& r) { r.bid = 0; }));
  EXPECT_FALSE(with([](PriceReading& r) { r.ask = UINT64_MAX; }));
}

TEST(SolPrice, TokensThatFollowTheDollarTellWhoIsWrongAndMakeNoPrice) {
  const auto token = [](std::uint64_t dollars) {
    auto out = reading("binance", dollars);
    out.in_dollars = false;
    return out;
  };
  auto another = token(140);
  another.source = "another";
  refusal({token(140), another});
  refusal({token(140), reading("kraken", 140)});
  const auto two =
      agree_on_price({token(139), reading("kraken", 140), reading("coinbase", 142)}, kNow);
  ASSERT_TRUE(two);
  EXPECT_EQ(two->micro_usd_per_sol, 141'000'000u);
  EXPECT_EQ(two->sources, "median of coinbase, kraken");
  // Two against two would be nobody's word; with the token the liars are the fewer.
  const auto told = agree_on_price(
      {token(140), reading("a", 140), reading("b", 141), reading("c", 150), reading("d", 151)},
      kNow);
  ASSERT_TRUE(told) << told.error().message;
  EXPECT_EQ(told->sources, "median of a, b");
}

TEST(SolPrice, EachIsMeasuredFromTheMedianOfTheOthers) {
  // 2 % of 100.00 are 2.00.
  const auto with = [&](std::uint64_t micro) {
    PriceReading far{"far", micro, micro, kNow, true};
    const auto price =
        agree_on_price({reading("a", 100), reading("b", 100), reading("c", 100), far}, kNow);
    return price && price->left_out.empty();
  };
  EXPECT_TRUE(with(102'000'000));
  EXPECT_FALSE(with(102'000'001));
  EXPECT_TRUE(with(98'000'000));
  EXPECT_FALSE(with(97'999'999));
}

TEST(SolPrice, DecimalsAreReadExactlyOrNotAtAll) {
  EXPECT_EQ(micro_usd_from_decimal("142.37"), 142'370'000u);
  EXPECT_EQ(micro_usd_from_decimal("142.3712349999"), 142'371'234u);
  EXPECT_EQ(micro_usd_from_decimal("0.01"), 10'000u);
  EXPECT_EQ(micro_usd_from_decimal("1000000"), 1'000'000'000'000u);
  for (const char* text : {"", ".", "1.", ".5", "-1", "+1", "1e3", "0.009", "1000000.01", "NaN",
                           "12345678", "1.2.3", " 1", "0x10"}) {
    EXPECT_FALSE(micro_usd_from_decimal(text)) << text;
  }
}

TEST(SolPrice, ScaledNumbersToo) {
  EXPECT_EQ(micro_usd_from_scaled(14'237'000'000, -8), 142'370'000u);
  EXPECT_EQ(micro_usd_from_scaled(142, 0), 142'000'000u);
  EXPECT_EQ(micro_usd_from_scaled(142'370'000'000'000, -12), 142'370'000u);
  EXPECT_FALSE(micro_usd_from_scaled(0, 0));
  EXPECT_FALSE(micro_usd_from_scaled(-5, 0));
  EXPECT_FALSE(micro_usd_from_scaled(142, 1));
  EXPECT_FALSE(micro_usd_from_scaled(142, -13));
  EXPECT_FALSE(micro_usd_from_scaled(INT64_MAX, 0));
}

}  // namespace
}  // namespace obelisk::market
