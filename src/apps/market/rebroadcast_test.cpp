#include "apps/market/rebroadcast.hpp"

#include <gtest/gtest.h>

#include "apps/market/testing.hpp"

namespace obelisk::market_app {
namespace {

using ports::Commitment;

base::Bytes wire(std::uint8_t fill) { return base::Bytes(80, fill); }
base::Signature id(std::uint8_t fill) { return base::Signature{{fill}}; }

TEST(Rebroadcast, TheSameBytesUntilTheyAreInABlock) {
  testing::TestChain chain;
  Rebroadcast again(chain);
  again.add(id(1), wire(1));
  again.add(id(1), wire(1));
  EXPECT_TRUE(chain.sent.empty()) << "a node has it already";
  for (int i = 0; i < 3; ++i) again.round();
  EXPECT_EQ(chain.sent, std::vector(3, wire(1)));
  chain.status = ports::SignatureStatus{1100, Commitment::processed, {}, {}};
  again.round();
  EXPECT_EQ(chain.sent.size(), 3u);
  EXPECT_EQ(again.count(), 1u) << "a fork may undo that";
  chain.status->commitment = Commitment::confirmed;
  again.round();
  EXPECT_EQ(chain.sent.size(), 3u);
  EXPECT_EQ(again.count(), 0u);
}

TEST(Rebroadcast, UntilItsBlockhashCannotLiveAnyMore) {
  testing::TestChain chain;
  Rebroadcast again(chain);
  again.add(id(1), wire(1));
  again.round();
  chain.height += 150;
  again.round();
  EXPECT_EQ(chain.sent.size(), 2u);
  ++chain.height;
  again.round();
  EXPECT_EQ(chain.sent.size(), 2u);
  EXPECT_EQ(again.count(), 0u);
}

TEST(Rebroadcast, SoManyAtATimeAndNoMore) {
  testing::TestChain chain;
  Rebroadcast again(chain);
  for (std::size_t i = 0; i < Rebroadcast::kMost + 10; ++i) {
    base::Signature one;
    one.bytes[0] = static_cast<std::uint8_t>(i);
    one.bytes[1] = static_cast<std::uint8_t>(i >> 8);
    again.add(one, wire(2));
  }
  EXPECT_EQ(again.count(), Rebroadcast::kMost);
}

}  // namespace
}  // namespace obelisk::market_app
