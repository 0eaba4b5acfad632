#include "core/watch/limits.hpp"

#include <gtest/gtest.h>

namespace obelisk::watch {
namespace {

base::PublicKey key(std::uint32_t number) {
  base::PublicKey out;
  for (std::size_t i = 0; i < 4; ++i) out.bytes[i] = static_cast<std::uint8_t>(number >> (8 * i));
  return out;
}

int taken(Limits& limits, Act act, const base::PublicKey& lease, std::int64_t ms, int tries) {
  int out = 0;
  for (int i = 0; i < tries; ++i) out += limits.take(act, lease, ms).ok() ? 1 : 0;
  return out;
}

TEST(Limits, OneLeaseWearsOutItsOwnTurns) {
  Limits limits;
  EXPECT_EQ(taken(limits, Act::attest, key(1), 0, 50), 20);
  EXPECT_EQ(taken(limits, Act::attest, key(2), 0, 1), 1) << "another has its own";
  EXPECT_EQ(taken(limits, Act::dark, key(1), 0, 1), 1) << "and another thing too";
  EXPECT_EQ(taken(limits, Act::attest, key(1), 1'000, 50), 1) << "one comes back in a second";
  EXPECT_EQ(limits.take(Act::attest, key(1), 1'000).error().code, base::Code::rate_limited);
}

TEST(Limits, HonestWorkFits) {
  Limits limits;
  for (int minute = 0; minute < 120; ++minute) {
    EXPECT_EQ(taken(limits, Act::attest, key(1), minute * 60'000, 2), 2);
    EXPECT_EQ(taken(limits, Act::login, key(1), minute * 60'000, 12), 12);
  }
}

TEST(Limits, AllTogetherWearOutToo) {
  Limits limits;
  int out = 0;
  for (std::uint32_t i = 0; i < 3'000; ++i) out += taken(limits, Act::dark, key(i), 0, 1);
  EXPECT_EQ(out, 1'000);
}

TEST(Limits, DoesNotGrowWithWhatIsNamed) {
  Limits limits;
  int out = 0;
  for (std::uint32_t i = 0; i < kMostLeasesLimited; ++i)
    out += taken(limits, Act::login, key(i), i, 1);
  EXPECT_GT(out, 60'000);
  EXPECT_TRUE(limits.take(Act::login, key(1'000'000), 1'000'000)) << "those that rest make room";
}

}  // namespace
}  // namespace obelisk::watch
