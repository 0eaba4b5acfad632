#include "apps/market/refusals.hpp"

#include <gtest/gtest.h>

#include "adapters/fake/memory_refusal_store.hpp"
#include "apps/market/testing.hpp"

namespace obelisk::market_app {
namespace {

using testing::key;

class BrokenStore final : public fake::MemoryRefusalStore {
 public:
  base::Result<std::vector<ports::Refusal>> all() override {
    if (broken) return base::Error{base::Code::unreachable, "gone", "wait"};
    return fake::MemoryRefusalStore::all();
  }
  bool broken = false;
};

TEST(Refusals, FollowTheStore) {
  BrokenStore store;
  Refusals refusals(store);
  ASSERT_TRUE(refusals.refresh().ok());
  EXPECT_FALSE(refusals.contains(key(1)));
  ASSERT_TRUE(store.put({key(1), 1, "why"}).ok());
  EXPECT_FALSE(refusals.contains(key(1))) << "not asked of the store each time";
  auto changes = refusals.refresh();
  ASSERT_TRUE(changes.ok());
  EXPECT_EQ(changes->refused, std::vector{key(1)});
  EXPECT_TRUE(changes->lifted.empty());
  EXPECT_TRUE(refusals.contains(key(1)));
  EXPECT_FALSE(refusals.contains(key(2)));
  EXPECT_TRUE(refusals.refresh()->refused.empty()) << "news is told once";

  store.broken = true;
  EXPECT_FALSE(refusals.refresh().ok());
  EXPECT_TRUE(refusals.contains(key(1))) << "what was known stands";
  store.broken = false;
  ASSERT_TRUE(store.lift(key(1)).ok());
  changes = refusals.refresh();
  ASSERT_TRUE(changes.ok());
  EXPECT_EQ(changes->lifted, std::vector{key(1)});
  EXPECT_FALSE(refusals.contains(key(1)));
}

}  // namespace
}  // namespace obelisk::market_app
