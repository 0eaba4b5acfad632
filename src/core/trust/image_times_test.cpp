#include "core/trust/image_times.hpp"

#include <gtest/gtest.h>

#include "base/nearest_rank.hpp"

namespace obelisk::trust {
namespace {

base::PublicKey key(std::uint8_t fill) {
  base::PublicKey out;
  out.bytes.fill(fill);
  return out;
}

Outcome ready_after(std::uint8_t lease, std::int64_t wait_s) {
  Outcome out;
  out.lease = key(lease);
  out.opened_at_s = 1'000;
  out.started_at_s = 1'000 + wait_s;
  return out;
}

TEST(ImageTimes, AreOfTheLeasesOfEachImage) {
  const std::vector<Outcome> outcomes{ready_after(1, 2), ready_after(2, 9), ready_after(3, 4),
                                      ready_after(4, 30)};
  const std::map<base::PublicKey, ImageClaim> claims{
      {key(1), {"sha256:aa", "ssh", 900}},
      {key(2), {"sha256:bb", "pytorch", std::nullopt}},
      {key(3), {"sha256:aa", "", 1'100}}};
  const auto times = times_by_image(outcomes, claims);
  ASSERT_EQ(times.size(), 3u);
  EXPECT_EQ(times[0], (ImageTimes{"sha256:aa", "ssh", 2, 2, 4, 900, 1'100}));
  EXPECT_EQ(times[1], (ImageTimes{"sha256:bb", "pytorch", 1, 9, 9, std::nullopt, std::nullopt}));
  EXPECT_EQ(times[2].image, "") << "what no market named stands last";
  EXPECT_EQ(times[2].ready_p50_s, 30u);
}

TEST(ImageTimes, WhatNeverBecameReadyHasNone) {
  Outcome missed;
  missed.ending = Ending::missed;
  EXPECT_TRUE(times_by_image({missed}, {}).empty());
}

TEST(ImageTimes, AClockThatWentBackIsNoWait) {
  EXPECT_EQ(times_by_image({ready_after(1, -3)}, {}).front().ready_p95_s, 0u);
}

TEST(NearestRank, IsAValueThatWasMeasured) {
  const std::vector<int> twenty{1,  2,  3,  4,  5,  6,  7,  8,  9,  10,
                                11, 12, 13, 14, 15, 16, 17, 18, 19, 20};
  EXPECT_EQ(base::nearest_rank(twenty, 50), 10);
  EXPECT_EQ(base::nearest_rank(twenty, 95), 19);
  EXPECT_EQ(base::nearest_rank(twenty, 100), 20);
  EXPECT_EQ(base::nearest_rank(std::vector<int>{7}, 1), 7);
}

}  // namespace
}  // namespace obelisk::trust
