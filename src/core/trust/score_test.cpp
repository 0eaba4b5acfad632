#include "core/trust/score.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace obelisk::trust {
namespace {

Outcome one(Ending ending, std::uint64_t due_s = 0, std::uint64_t served_s = 0, int wait_s = 3) {
  Outcome out;
  out.ending = ending;
  out.opened_at_s = 1'000;
  if (due_s != 0) out.started_at_s = 1'000 + wait_s;
  out.due_s = due_s;
  out.served_s = served_s;
  out.paid = base::Lamports{100};
  out.refunded = base::Lamports{due_s == 0 ? 100u : 10u};
  return out;
}

TEST(HostScore, IsTheFormula) {
  const std::vector<Outcome> all{
      one(Ending::kept, 1'000, 1'000, 2), one(Ending::kept, 1'000, 1'000, 4),
      one(Ending::dark, 1'000, 800, 60), one(Ending::missed), one(Ending::withdrawn)};
  const Score score = score_of(all);
  EXPECT_EQ(score.leases, 3u);
  EXPECT_EQ(score.missed, 1u);
  EXPECT_EQ(score.kept_bps, 6'666u);
  EXPECT_EQ(score.uptime_bps, 9'333u);
  EXPECT_EQ(score.score_bps, 6'221u);
  EXPECT_EQ(score.withdrawn, 1u);
  EXPECT_EQ(score.ready_p50_s, 4u);
  EXPECT_EQ(score.ready_p95_s, 60u);
  EXPECT_EQ(score.paid.count, 500u);
  EXPECT_EQ(score.refunded.count, 230u);
}

TEST(HostScore, NothingIsNoScore) {
  const Score score = score_of({});
  EXPECT_FALSE(score.score_bps || score.kept_bps || score.uptime_bps || score.ready_p50_s);
  const std::vector<Outcome> withdrawn{one(Ending::withdrawn)};
  EXPECT_FALSE(score_of(withdrawn).score_bps);
}

TEST(HostScore, WhatNeverBecameReadyCountsNowhere) {
  const std::vector<Outcome> all{one(Ending::missed), one(Ending::missed)};
  EXPECT_EQ(score_of(all).missed, 2u);
  EXPECT_FALSE(score_of(all).score_bps) << "anybody can make such leases";
}

}  // namespace
}  // namespace obelisk::trust
