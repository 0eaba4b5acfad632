#include "apps/cli/stop_rule.hpp"

#include <gtest/gtest.h>

namespace obelisk::cli {
namespace {

constexpr base::UnixSeconds kStart = 1'000'000;

escrow::Lease lease(escrow::State state = escrow::State::active) {
  escrow::Lease out{};
  out.state = state;
  out.gap_limit_s = 180;
  out.seconds = 3600;
  out.max_seconds = 7200;
  out.started_at = kStart;
  out.proven_until = kStart;
  return out;
}

struct Row {
  const char* name;
  base::UnixSeconds proven;                // after the start
  std::optional<base::UnixSeconds> alive;  // the newest attestation, after the start
  base::UnixSeconds now;                   // after the start
  StopStep step;
};

TEST(StopRule, ByTheNewestProofAndTheChainsTime) {
  const Row rows[] = {
      {"just started, nothing attested", 0, {}, 5, StopStep::served},
      {"young attestation", 0, 600, 700, StopStep::served},
      {"one second inside the limit", 0, 600, 779, StopStep::served},
      {"at the limit", 0, 600, 780, StopStep::claim_dispute},
      {"old attestation", 0, 600, 2000, StopStep::claim_dispute},
      {"no attestation, ready long ago", 0, {}, 180, StopStep::dispute},
      {"the attestation is claimed already", 600, 600, 1000, StopStep::dispute},
      {"an attestation older than the claim", 600, 300, 1000, StopStep::dispute},
      {"a claim is proof as well", 600, {}, 700, StopStep::served},
      {"proven to the end, long past it", 0, 3600, 9000, StopStep::served},
      {"long past an unproven end", 0, 600, 9000, StopStep::claim_dispute},
      {"past the end, proven almost up to it", 0, 3500, 9000, StopStep::served},
      {"an attestation from the future concedes nothing", 0, 5000, 100, StopStep::served},
  };
  for (const Row& row : rows) {
    escrow::Lease l = lease();
    l.proven_until = kStart + row.proven;
    const auto alive = row.alive ? std::optional(kStart + *row.alive) : std::nullopt;
    const auto step = choose_stop(l, alive, kStart + row.now);
    ASSERT_TRUE(step) << row.name;
    EXPECT_EQ(*step, row.step) << row.name;
  }
}

TEST(StopRule, BeforeReadyEverythingComesBack) {
  EXPECT_EQ(*choose_stop(lease(escrow::State::funded), std::nullopt, kStart), StopStep::cancel);
}

TEST(StopRule, AContestedLeaseIsClaimedFinishedOrWaitedFor) {
  escrow::Lease l = lease(escrow::State::closing);
  l.stopped_at = kStart + 1000;
  l.window_ends = kStart + 20'000;
  EXPECT_EQ(*choose_stop(l, kStart + 1000, kStart + 2000), StopStep::claim);
  EXPECT_EQ(*choose_stop(l, kStart + 999, kStart + 20'001), StopStep::finish);
  const auto wait = choose_stop(l, kStart + 999, kStart + 20'000);
  ASSERT_FALSE(wait);
  EXPECT_EQ(wait.error().code, base::Code::conflict);
  EXPECT_FALSE(choose_stop(l, std::nullopt, kStart + 2000));
}

TEST(StopRule, OnlyStopsHaveAHow) {
  EXPECT_EQ(how_of(StopStep::served), escrow::StopHow::served);
  EXPECT_EQ(how_of(StopStep::claim_dispute), escrow::StopHow::dispute);
  EXPECT_EQ(how_of(StopStep::dispute), escrow::StopHow::dispute);
  EXPECT_FALSE(how_of(StopStep::cancel));
}

}  // namespace
}  // namespace obelisk::cli
