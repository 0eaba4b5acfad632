#include "core/solana/send_state.hpp"

#include <gtest/gtest.h>

namespace obelisk::solana {
namespace {

constexpr SendLimits kLimits{.last_valid_block_height = 150, .timeout_ms = 60'000};

Observation unknown(std::optional<std::uint64_t> height = std::nullopt) {
  return {height, Sighting::unknown};
}

TEST(SendState, DoneAsSoonAsTheWantedCommitmentIsSeen) {
  SendState state(kLimits, 0);
  EXPECT_EQ(state.observe({{}, Sighting::below_commitment}, 50), SendAction::wait);
  EXPECT_EQ(state.observe({{}, Sighting::at_commitment}, 100), SendAction::done);
}

TEST(SendState, BroadcastsAgainEveryHalfSecondUntilSeen) {
  SendState state(kLimits, 0);
  int broadcasts = 0;
  for (std::int64_t now = 50; now <= 2'000; now += 50) {
    if (state.observe(unknown(), now) == SendAction::broadcast) ++broadcasts;
  }
  EXPECT_EQ(broadcasts, 4);
  EXPECT_EQ(state.observe({{}, Sighting::below_commitment}, 2'600), SendAction::wait);
}

TEST(SendState, BroadcastsWhileTheNodeGivesNoAnswer) {
  SendState state(kLimits, 0);
  EXPECT_EQ(state.observe({}, 500), SendAction::broadcast);
  EXPECT_EQ(state.observe({}, 999), SendAction::wait);
  EXPECT_EQ(state.observe({}, 1'000), SendAction::broadcast);
}

TEST(SendState, TheLastValidHeightItselfIsStillValid) {
  SendState state(kLimits, 0);
  for (std::int64_t now = 1'000; now < 30'000; now += 1'000) {
    EXPECT_NE(state.observe(unknown(150), now), SendAction::expired);
  }
}

TEST(SendState, ExpiredOnlyAfterTwoLooksPastTheHeight) {
  SendState state(kLimits, 0);
  EXPECT_EQ(state.observe(unknown(151), 1'000), SendAction::wait);
  EXPECT_EQ(state.observe(unknown(), 1'700), SendAction::wait);
  EXPECT_EQ(state.observe(unknown(), 1'800), SendAction::expired);
}

TEST(SendState, NoAnswerIsNoLook) {
  SendState state(kLimits, 0);
  EXPECT_EQ(state.observe({151, std::nullopt}, 1'000), SendAction::wait);
  EXPECT_EQ(state.observe({}, 5'000), SendAction::wait);
  EXPECT_EQ(state.observe(unknown(), 5'100), SendAction::wait);
  EXPECT_EQ(state.observe(unknown(), 5'900), SendAction::expired);
}

TEST(SendState, SeenInABlockPastTheHeightIsNotExpired) {
  SendState state(kLimits, 0);
  EXPECT_EQ(state.observe(unknown(151), 1'000), SendAction::wait);
  EXPECT_EQ(state.observe({{}, Sighting::below_commitment}, 1'500), SendAction::wait);
  // Dropped with its fork: looked at twice again before anything new is signed.
  EXPECT_EQ(state.observe(unknown(), 2'000), SendAction::wait);
  EXPECT_EQ(state.observe({{}, Sighting::at_commitment}, 2'900), SendAction::done);
}

TEST(SendState, NothingIsSentPastTheHeight) {
  SendState state(kLimits, 0);
  EXPECT_EQ(state.observe({200, Sighting::below_commitment}, 1'000), SendAction::wait);
  EXPECT_EQ(state.observe({}, 3'000), SendAction::wait);
}

TEST(SendState, TimesOutWithoutCallingItExpired) {
  SendState state(kLimits, 0);
  EXPECT_EQ(state.observe({}, 59'999), SendAction::broadcast);
  EXPECT_EQ(state.observe({}, 60'000), SendAction::timed_out);
}

TEST(SendState, AsksForTheHeightOnceASecondUntilItHasPassed) {
  SendState state(kLimits, 0);
  EXPECT_FALSE(state.wants_height(999));
  EXPECT_TRUE(state.wants_height(1'000));
  (void)state.observe(unknown(100), 1'000);
  EXPECT_FALSE(state.wants_height(1'900));
  EXPECT_TRUE(state.wants_height(2'000));
  (void)state.observe(unknown(151), 2'000);
  EXPECT_FALSE(state.wants_height(9'000));
}

}  // namespace
}  // namespace obelisk::solana
