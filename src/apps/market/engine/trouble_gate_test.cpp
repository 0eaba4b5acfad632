#include "apps/market/engine/trouble_gate.hpp"

#include <gtest/gtest.h>

namespace obelisk::engine {
namespace {

TEST(TroubleGate, LetsThroughThirtyAnHourOfEachLease) {
  TroubleGate gate;
  base::PublicKey first;
  base::PublicKey second;
  second.bytes.fill(1);
  for (std::size_t i = 0; i < kTroublesPerHour; ++i) EXPECT_TRUE(gate.take(first, 1000));
  EXPECT_FALSE(gate.take(first, 1000));
  EXPECT_TRUE(gate.take(second, 1000));
  EXPECT_FALSE(gate.take(first, 3'600'999));
  EXPECT_TRUE(gate.take(first, 3'601'000));
}

}  // namespace
}  // namespace obelisk::engine
