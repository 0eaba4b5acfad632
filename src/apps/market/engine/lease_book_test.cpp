#include "apps/market/engine/lease_book.hpp"

#include <gtest/gtest.h>

#include <set>

#include "adapters/fake/fake_clock.hpp"
#include "adapters/fake/memory_store.hpp"
#include "core/lease/testing.hpp"

namespace obelisk::engine {
namespace {

using lease::testing::key;

class Book : public ::testing::Test {
 protected:
  // A lease of that number; running, or only quoted.
  void add(std::uint8_t number, bool running) {
    lease::Quote quote;
    quote.id = "quote " + std::to_string(number);
    quote.lease = key(number);
    quote.host = key(100);
    quote.card_uuids = {"card " + std::to_string(number)};
    ASSERT_TRUE(store.insert_quote(quote));
    if (!running) return;
    lease::Life life;
    life.state = lease::State::active;
    const auto written = store.apply({quote.lease, 0, life, {}, {}});
    ASSERT_TRUE(written && *written);
  }

  fake::FakeClock clock;
  fake::MemoryStore store;
  LeaseBook book{{store, clock, {}, {}, {}, {}, Log()}};
};

TEST_F(Book, RunningLeasesTakeTurnsAndOthersAreAlwaysLookedAt) {
  for (std::uint8_t i = 1; i <= 7; ++i) add(i, true);
  add(50, false);
  ASSERT_TRUE(book.load());
  base::PublicKey turn;
  std::multiset<base::PublicKey> seen;
  for (int round = 0; round < 7; ++round) {
    const auto some = book.some(turn, 3);
    ASSERT_EQ(some.size(), 4u);
    EXPECT_EQ(some.front(), key(50));
    seen.insert(some.begin() + 1, some.end());
  }
  // 21 looks at seven leases: each had three.
  for (std::uint8_t i = 1; i <= 7; ++i) EXPECT_EQ(seen.count(key(i)), 3u) << int{i};
  EXPECT_EQ(book.some(turn, 100).size(), 8u);
}

}  // namespace
}  // namespace obelisk::engine
