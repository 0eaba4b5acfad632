#include "adapters/prices/live_prices.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>

namespace obelisk::prices {
namespace {

class HandClock final : public ports::Clock {
 public:
  base::UnixMillis now_ms() override { return now; }
  std::int64_t steady_ms() override { return now; }
  std::atomic<base::UnixMillis> now = 1'795'000'000'000;
};

// Services whose answers the test changes; each counts how often it was asked.
struct Services {
  HandClock clock;
  std::atomic<bool> kraken_works = true;
  std::mutex count_mutex;
  std::map<std::string, int> asked;
  std::mutex mutex;
  std::vector<std::string> said;

  Feed feed(const char* name, std::uint64_t dollars, const std::atomic<bool>* works = nullptr) {
    return {name, [this, name, dollars, works]() -> base::Result<market::PriceReading> {
              {
                const std::lock_guard lock(count_mutex);
                ++asked[name];
              }
              if (works != nullptr && !*works) {
                return base::Error{base::Code::unreachable, "It is down.", "Wait."};
              }
              const std::uint64_t mid = dollars * 1'000'000;
              return market::PriceReading{name, mid, mid, clock.now, true};
            }};
  }
  LivePrices prices(std::vector<Feed> feeds) {
    return LivePrices(
        std::move(feeds), clock,
        [this](const std::string& words) {
          const std::lock_guard lock(mutex);
          said.push_back(words);
        },
        1);
  }
  // Until every service was asked three times more: the first may have been under way, and once the
  // third has begun, what the second said is noted.
  void turn(std::size_t services = 2) {
    std::map<std::string, int> from;
    {
      const std::lock_guard lock(count_mutex);
      from = asked;
    }
    const auto done = [&] {
      const std::lock_guard lock(count_mutex);
      return asked.size() == services && std::ranges::all_of(asked, [&](const auto& entry) {
               return entry.second >= from[entry.first] + 3;
             });
    };
    while (!done()) std::this_thread::yield();
  }
};

TEST(LivePrices, GivesWhatItsServicesAgreeOn) {
  Services services;
  LivePrices prices =
      services.prices({services.feed("coinbase", 140), services.feed("kraken", 141)});
  services.turn();
  const auto price = prices.sol_usd();
  ASSERT_TRUE(price) << price.error().message;
  EXPECT_EQ(price->micro_usd_per_sol, 140'500'000u);
  EXPECT_EQ(price->source, "median of coinbase, kraken");
}

TEST(LivePrices, ASilentServiceAgesOutAndComesBack) {
  Services services;
  LivePrices prices = services.prices(
      {services.feed("coinbase", 140), services.feed("kraken", 140, &services.kraken_works)});
  services.turn();
  services.kraken_works = false;
  services.turn();
  EXPECT_TRUE(prices.sol_usd()) << "its last word is still fresh";
  services.clock.now += 16'000;
  services.turn();
  const auto none = prices.sol_usd();
  ASSERT_FALSE(none);
  EXPECT_NE(none.error().message.find("kraken: 16 s old"), std::string::npos)
      << none.error().message;
  services.kraken_works = true;
  services.turn();
  EXPECT_TRUE(prices.sol_usd());
  const std::lock_guard lock(services.mutex);
  // Each feed says its own from a thread of its own, in no order.
  std::vector<std::string> said = services.said;
  std::ranges::sort(said);
  ASSERT_EQ(said.size(), 4u);
  EXPECT_EQ(said[0], "No price from kraken: It is down.");
  EXPECT_EQ(said[1], "The price of kraken is back.");
  EXPECT_EQ(said[2], "There is a price of SOL again: the median of coinbase, kraken.");
  EXPECT_TRUE(said[3].starts_with("There is no price of SOL any more. ")) << said[3];
  EXPECT_LT(std::ranges::find(services.said, said[3]), std::ranges::find(services.said, said[2]));
}

TEST(LivePrices, NothingBeforeTheFirstAnswers) {
  Services services;
  services.kraken_works = false;
  LivePrices prices = services.prices({services.feed("a", 140, &services.kraken_works),
                                       services.feed("b", 140, &services.kraken_works)});
  EXPECT_EQ(prices.sol_usd().error().code, base::Code::unreachable);
}

}  // namespace
}  // namespace obelisk::prices
