#include "adapters/prices/price_source.hpp"

#include <gtest/gtest.h>

namespace obelisk::prices {
namespace {

class StillClock final : public ports::Clock {
 public:
  base::UnixMillis now_ms() override { return 1'795'000'000'123; }
  std::int64_t steady_ms() override { return 0; }
};

base::Result<std::unique_ptr<ports::PriceSource>> make(const std::string& choice,
                                                       ports::Clock& clock) {
  return make_price_source({choice}, clock, [](const std::string&) {});
}

TEST(PriceSource, AFixedPriceIsExactAndSaysWhatItIs) {
  StillClock clock;
  const struct {
    const char* text;
    std::uint64_t micro_usd;
  } cases[] = {{"fixed:140", 140'000'000},
               {"fixed:142.37", 142'370'000},
               {"fixed:0.01", 10'000},
               {"fixed:0.123456", 123'456},
               {"fixed:1000000", 1'000'000'000'000}};
  for (const auto& c : cases) {
    const auto source = make(c.text, clock);
    ASSERT_TRUE(source) << c.text;
    const auto price = (*source)->sol_usd();
    ASSERT_TRUE(price);
    EXPECT_EQ(price->micro_usd_per_sol, c.micro_usd) << c.text;
    EXPECT_EQ(price->source, "fixed");
    EXPECT_EQ(price->at_ms, 1'795'000'000'123);
  }
}

TEST(PriceSource, AnythingElseIsRefused) {
  StillClock clock;
  for (const char* text : {"",
                           "fixed",
                           "fixed:",
                           "fixed:0",
                           "fixed:0.00",
                           "fixed:0.009",
                           "fixed:-1",
                           "fixed:+1",
                           "fixed:1e3",
                           "fixed:1.",
                           "fixed:.5",
                           "fixed:1.2.3",
                           "fixed:1.1234567",
                           "fixed: 140",
                           "fixed:1000001",
                           "fixed:99999999999999999999",
                           "Fixed:140",
                           "140",
                           "pyth",
                           "lively",
                           "live:",
                           "live:kraken",
                           "live:kraken,kraken",
                           "live:kraken,nasdaq",
                           "live:kraken,pyth",
                           "live:hermes,pyth"}) {
    const auto source = make(text, clock);
    ASSERT_FALSE(source) << text;
    EXPECT_EQ(source.error().code, base::Code::usage);
  }
}

}  // namespace
}  // namespace obelisk::prices
