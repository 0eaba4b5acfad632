// When a host is called dark, and when not.
#include <gtest/gtest.h>

#include "core/lease/step.hpp"
#include "core/lease/testing.hpp"

namespace obelisk::lease {
namespace {

using testing::Rental;

// Fails logins every five seconds until it is called dark or `until` is reached.
void fail_until(Rental& rental, base::UnixSeconds until) {
  while (rental.context.chain_now_s < until && rental.life().state == State::active) {
    rental.context.chain_now_s += 1;
    rental.on(Tick{});
    if (rental.life().login_pending) rental.login_fails();
  }
}

TEST(Step, DarkHostIsStoppedAfterAMinuteOfFailures) {
  Rental rental;
  rental.until_active();
  rental.until_attested(1062);
  rental.context.watch_started_at_s = 500;
  fail_until(rental, 1182);
  EXPECT_EQ(rental.life().state, State::active);
  fail_until(rental, 1200);
  EXPECT_EQ(rental.life().state, State::stopping);
  EXPECT_EQ(rental.life().outcome, Outcome::host_dark);
  EXPECT_EQ(rental.life().last_failure_s - rental.life().first_failure_s, 65);
  EXPECT_TRUE(rental.asked(EffectKind::settle_dark));
}

// Who signs has looked too, and may know better.
TEST(Step, AHostThatIsNotFoundDarkRunsOnAndIsLookedAtAgain) {
  Rental rental;
  rental.until_active();
  rental.until_attested(1062);
  rental.context.watch_started_at_s = 500;
  fail_until(rental, 1200);
  ASSERT_EQ(rental.life().outcome, Outcome::host_dark);
  rental.on(DarkRefused{"The machine answers."});
  EXPECT_EQ(rental.life().state, State::active);
  EXPECT_EQ(rental.life().outcome, Outcome::none);
  fail_until(rental, 1200);
  EXPECT_EQ(rental.life().state, State::active) << "not at once again";
  fail_until(rental, 1235);
  EXPECT_EQ(rental.life().outcome, Outcome::host_dark);
  EXPECT_TRUE(rental.asked(EffectKind::settle_dark));
  rental.on(Absent{10'000});
  const Life closed = rental.life();
  rental.on(DarkRefused{"Too late."});
  EXPECT_EQ(rental.life(), closed) << "what is closed stays so";
}

// A login that does not look at the cards works all the time: only those that look can find it.
TEST(Step, AnotherCardIsFoundLaterAndStoppedAtTheLastProofBeforeIt) {
  Rental rental;
  rental.until_active();
  rental.context.watch_started_at_s = 500;
  base::UnixSeconds last_good_s = 0;
  bool is_swapped = false;
  while (rental.life().state == State::active && rental.context.chain_now_s < 2500) {
    rental.context.chain_now_s += 1;
    is_swapped = rental.context.chain_now_s > 1500;
    rental.on(Tick{});
    if (!rental.life().login_pending) continue;
    const auto& asked = rental.last.effects.back();
    if (asked.check_card && is_swapped) {
      rental.login_fails(LoginProblem::wrong_card);
    } else {
      if (!is_swapped) last_good_s = rental.context.chain_now_s;
      rental.login_works();
    }
  }
  EXPECT_EQ(rental.life().state, State::stopping);
  EXPECT_EQ(rental.life().outcome, Outcome::host_dark);
  EXPECT_TRUE(rental.asked(EffectKind::settle_dark));
  EXPECT_LE(rental.context.chain_now_s, last_good_s + 10 * 60 + 70) << "every tenth login looks";
}

TEST(Step, NothingIsDarkWithoutControl) {
  Rental rental;
  rental.until_active();
  rental.context.control_ok = false;
  fail_until(rental, 2000);
  EXPECT_EQ(rental.life().state, State::active);
  // The failures before control came back do not count.
  rental.context.control_ok = true;
  fail_until(rental, 2060);
  EXPECT_EQ(rental.life().state, State::active);
  fail_until(rental, 2080);
  EXPECT_EQ(rental.life().state, State::stopping);
}

TEST(Step, NothingIsDarkSoonAfterTheWatchStarted) {
  Rental rental;
  rental.until_active();
  rental.context.watch_started_at_s = 1100;
  fail_until(rental, 1280);
  EXPECT_EQ(rental.life().state, State::active);
  fail_until(rental, 1300);
  EXPECT_EQ(rental.life().state, State::stopping);
}

// The first failure was seen while the node was behind: what it did not show yet is no time in
// which the host was dark.
TEST(Step, ANodeThatIsBehindMakesNoHostDarkSooner) {
  Rental rental;
  rental.until_active();
  const auto fails = [&] {
    if (!rental.life().login_pending) rental.on(Tick{});
    return rental.login_fails().state;
  };
  rental.context.chain_now_s += 70;
  rental.context.chain_may_be_s = rental.context.chain_now_s + 14;
  ASSERT_EQ(fails(), State::active);
  for (int s = 5; s <= 70; s += 5) {
    rental.context.chain_now_s += 5;
    rental.context.chain_may_be_s = rental.context.chain_now_s;
    ASSERT_EQ(fails(), State::active) << s;
  }
  rental.context.chain_now_s += 5;
  EXPECT_EQ(fails(), State::stopping);
  EXPECT_EQ(rental.life().outcome, Outcome::host_dark);
}

TEST(Step, FailuresOfAnEarlierWatchDoNotCount) {
  Rental rental;
  rental.until_active();
  fail_until(rental, 1080);
  ASSERT_NE(rental.life().first_failure_s, 0);
  // Down for an hour of chain time, then up for longer than the gap limit.
  rental.record.life.seconds = 7200;
  rental.context.watch_started_at_s = 4000;
  rental.context.chain_now_s = 4200;
  rental.on(Tick{});
  rental.login_fails();
  EXPECT_EQ(rental.life().state, State::active);
  EXPECT_EQ(rental.life().first_failure_s, 4200);
}

}  // namespace
}  // namespace obelisk::lease
