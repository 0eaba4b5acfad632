#include "apps/cli/await_offer.hpp"

#include <gtest/gtest.h>

#include "core/market/search/query.hpp"

namespace obelisk::cli {
namespace {

namespace search = market::search;

Order order(const char* card) {
  Order out;
  out.request.card = card;
  out.request.seconds = 7200;
  return out;
}

TEST(SearchText, IsWhatTheMarketReads) {
  EXPECT_EQ(search_text(order("a40")), "card=\"a40\" gpus>=1 duration>=2h min_duration<=2h");
  EXPECT_EQ(search_text(order("h100")), "card=\"h100\"* gpus>=1 duration>=2h min_duration<=2h");
  Order full = order("rtx-4090");
  full.asked.count = 3;
  full.request.max_seconds = 5401;
  full.request.disk_bytes = 50'000'000'000;
  full.max_micro_usd_per_hour = 1'380'001;
  const std::string text = search_text(full);
  auto read = search::parse_query(text);
  ASSERT_TRUE(std::holds_alternative<search::Query>(read)) << text;
  EXPECT_NE(text.find("gpus>=3"), std::string::npos) << text;
  EXPECT_NE(text.find("price<=1.380001"), std::string::npos) << text;
  EXPECT_NE(text.find("disk>=16.666666667"), std::string::npos) << text << ": each brings a third";
  Order one = order("x");
  one.request.card.reset();
  one.request.offer = "793aed44a0e50329";
  EXPECT_TRUE(std::holds_alternative<search::Query>(search::parse_query(search_text(one))));
}

class PriceCap : public ::testing::Test {
 protected:
  // A quote of `count` cards at so much for an hour.
  static market::Terms terms(std::uint64_t micro_usd, std::uint32_t count) {
    market::Terms out;
    out.micro_usd_per_sol = 137'123'457;
    out.seconds = 5000;
    out.cards.resize(count);
    const auto rate =
        market::rate_for({micro_usd, 123'456, count, 7'000'000'000}, out.micro_usd_per_sol);
    out.debit = market::breakdown_for(rate.value(), out.seconds).value();
    return out;
  }
};

TEST_F(PriceCap, IsForOneCardAndHourAndDiskApart) {
  Order capped = order("a40");
  EXPECT_TRUE(check_price(terms(9'000'000, 1), capped)) << "no cap";
  for (const std::uint64_t cap : {100'001u, 880'000u, 2'345'678u}) {
    capped.max_micro_usd_per_hour = cap;
    for (const std::uint32_t count : {1u, 3u, 16u}) {
      EXPECT_TRUE(check_price(terms(cap, count), capped)) << cap;
      EXPECT_TRUE(check_price(terms(cap - 1000, count), capped)) << cap;
      const auto dearer = check_price(terms(cap + 1000, count), capped);
      ASSERT_FALSE(dearer) << cap << " " << count;
      EXPECT_EQ(dearer.error().code, base::Code::declined);
    }
  }
}

}  // namespace
}  // namespace obelisk::cli
