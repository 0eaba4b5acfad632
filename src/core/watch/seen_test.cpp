#include "core/watch/seen.hpp"

#include <gtest/gtest.h>

#include "core/watch/chain_clock.hpp"
#include "core/watch/testing.hpp"

namespace obelisk::watch {
namespace {

using testing::Example;

LoginAnswer found(const std::string& mark) { return {true, {}, {}, mark, 0}; }

Seen served() {
  const Example example;
  Seen out;
  out.lease = example.lease();
  out.host = example.host.public_key();
  out.terms_hash = example.hash;
  out.served_slot = 500;
  out.boot_mark = "boot/1";
  out.driver_name = "AMD EPYC \"7763\"";
  out.ssh = example.ssh();
  out.forget_after_s = 1'795'000'700;
  return out;
}

TEST(Seen, SurvivesTheDiskWithoutWhatIsOfThisProcess) {
  Seen seen = served();
  seen.alive_at_s = 5;
  seen.first_failure_s = 6;
  const auto back = seen_from(to_text(seen));
  ASSERT_TRUE(back.ok()) << back.error().message;
  EXPECT_EQ(to_text(*back), to_text(seen));
  EXPECT_EQ(back->lease, seen.lease);
  EXPECT_EQ(back->terms_hash, seen.terms_hash);
  EXPECT_EQ(*back->ssh, *seen.ssh);
  EXPECT_EQ(back->alive_at_s, 0) << "a watch that was down has seen nothing";
  EXPECT_EQ(back->first_failure_s, 0) << "silence is no evidence";
  for (std::size_t i = 0; i < to_text(seen).size(); ++i) {
    EXPECT_FALSE(seen_from(to_text(seen).substr(0, i)).ok());
  }
}

TEST(Seen, AServedLeaseKeepsItsMachine) {
  Seen seen = served();
  EXPECT_FALSE(is_another_machine(seen, found("boot/1"), *seen.ssh));
  EXPECT_TRUE(is_another_machine(seen, found("boot/2"), *seen.ssh)) << "started again";
  auto other = *seen.ssh;
  other.host_key = "ssh-ed25519 AAAAOTHER";
  EXPECT_TRUE(is_another_machine(seen, found("boot/1"), other));
  other = *seen.ssh;
  other.address = "10.0.0.9";
  EXPECT_FALSE(is_another_machine(seen, found("boot/1"), other)) << "it may move";
  seen.served_slot = 0;
  EXPECT_FALSE(is_another_machine(seen, found("boot/2"), *seen.ssh)) << "made anew before `ready`";
}

TEST(Seen, CountsFailuresThatLeaveNothingUnseenBetweenThem) {
  Seen seen = served();
  failed(seen, true, {100, 102, 0});
  EXPECT_EQ(seen.first_failure_s, 102) << "as late as it may have been";
  failed(seen, true, {120, 120, 0});
  failed(seen, true, {150, 150, 0});
  EXPECT_EQ(seen.first_failure_s, 102);
  EXPECT_EQ(seen.last_failure_s, 150);
  failed(seen, true, {181, 181, 0});
  EXPECT_EQ(seen.first_failure_s, 181) << "it looked away";
  failed(seen, false, {186, 186, 0});
  EXPECT_EQ(seen.first_failure_s, 0) << "it may be cut off itself";
  failed(seen, true, {190, 190, 0});
  EXPECT_EQ(seen.first_failure_s, 190);
  EXPECT_FALSE(worked(seen, found("boot/1"), *seen.ssh, false, {195, 195, 9}))
      << "nothing the disk must know";
  EXPECT_EQ(seen.first_failure_s, 0);
  EXPECT_EQ(seen.alive_at_s, 195);
  EXPECT_FALSE(seen.checked_ms) << "it looked at no cards";
  EXPECT_TRUE(worked(seen, found("boot/2"), *seen.ssh, true, {194, 194, 10}));
  EXPECT_EQ(seen.alive_at_s, 195) << "time does not go back";
  EXPECT_EQ(seen.checked_ms, 10);
}

TEST(Seen, ACheckIsOfOneMachineInOnePlace) {
  Seen seen = served();
  worked(seen, found("boot/1"), *seen.ssh, true, {100, 100, 10});
  worked(seen, found("boot/1"), *seen.ssh, false, {101, 101, 11});
  EXPECT_EQ(seen.checked_ms, 10);
  worked(seen, found("boot/2"), *seen.ssh, false, {102, 102, 12});
  EXPECT_FALSE(seen.checked_ms);
}

TEST(ChainClock, DoesNotGoBackAndKnowsItsStart) {
  ChainClock clock;
  EXPECT_FALSE(clock.answers(0));
  clock.saw(10, 1000, 5'000);
  clock.saw(9, 900, 6'000);
  EXPECT_EQ(clock.now_s(), 1000);
  EXPECT_EQ(clock.started_at_s(), 1000);
  EXPECT_TRUE(clock.answers(11'000));
  EXPECT_FALSE(clock.answers(11'001));
  EXPECT_EQ(clock.may_be_s(15'000), 1010);
  EXPECT_EQ(clock.may_be_s(500'000), 1000 + kMostBehindS);
}

}  // namespace
}  // namespace obelisk::watch
