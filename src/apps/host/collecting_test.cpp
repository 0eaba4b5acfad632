#include "apps/host/collecting.hpp"

#include <gtest/gtest.h>

namespace obelisk::host {
namespace {

escrow::Lease lease_in(escrow::State state) {
  escrow::Lease lease{};
  lease.state = state;
  lease.seconds = 3600;
  lease.started_at = 1000;
  lease.proven_until = 2000;
  lease.stopped_at = 2500;
  lease.window_ends = 5000;
  return lease;
}

TEST(Collecting, EveryStateAndMoment) {
  using escrow::State;
  const struct {
    const char* what;
    State state;
    std::optional<std::int64_t> alive_until;
    std::int64_t now;
    Collect expected;
  } cases[] = {
      {"funded: nothing is earned yet", State::funded, 9000, 9000, {false, false}},
      {"running: the end settles it", State::active, 3000, 3000, {false, false}},
      {"just over: the market has its time", State::active, 4600, 4600 + 59, {false, false}},
      {"over and the market silent", State::active, 4600, 4600 + 60, {true, true}},
      {"over, nothing newer than the chain", State::active, 2000, 4660, {false, true}},
      {"over, no attestation at all", State::active, std::nullopt, 4660, {false, true}},
      {"contested with a newer proof", State::closing, 2400, 2600, {true, false}},
      {"contested, the proof is on chain", State::closing, 2000, 2600, {false, false}},
      {"contested, proof past the stop", State::closing, 9999, 2600, {true, false}},
      {"the window is over", State::closing, 2000, 5001, {false, true}},
      {"the window's last second", State::closing, 2000, 5000, {false, false}},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(what_to_collect(lease_in(c.state), c.alive_until, c.now), c.expected) << c.what;
  }
}

}  // namespace
}  // namespace obelisk::host
