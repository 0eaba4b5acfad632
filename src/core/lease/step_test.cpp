#include "core/lease/step.hpp"

#include <gtest/gtest.h>

#include "core/lease/testing.hpp"

namespace obelisk::lease {
namespace {

using testing::Rental;

TEST(Step, OrdinaryRentalGoesThroughEveryState) {
  Rental rental;
  EXPECT_EQ(rental.on(Seen{rental.account(), 500}).state, State::preparing);
  EXPECT_TRUE(rental.asked(EffectKind::tell_host));
  EXPECT_EQ(rental.life().wanted, Wanted::running);

  rental.on(testing::host_running());
  EXPECT_FALSE(rental.asked(EffectKind::log_in)) << "nothing is checked before confirmed";

  EXPECT_EQ(rental.on(Confirmed{rental.account(), 502}).state, State::checking);
  EXPECT_TRUE(rental.asked(EffectKind::log_in));
  EXPECT_TRUE(rental.last.effects.back().check_card);

  EXPECT_EQ(rental.login_works().state, State::starting);
  EXPECT_TRUE(rental.asked(EffectKind::send_ready));
  EXPECT_EQ(rental.life().wanted, Wanted::running);

  const auto running = testing::active(rental.account(), 1002);
  EXPECT_EQ(rental.on(Confirmed{running, 510}).state, State::active);
  EXPECT_EQ(rental.life().wanted, Wanted::open);
  EXPECT_EQ(rental.life().ends_at_s(), 4602);

  rental.until_attested(1062);
  EXPECT_EQ(rental.life().attestation->alive_until, 1062);
  EXPECT_TRUE(rental.asked(EffectKind::give_attestation));

  EXPECT_EQ(rental.on(Absent{600}).state, State::stopping);
  EXPECT_EQ(rental.life().wanted, Wanted::gone);
  EXPECT_TRUE(rental.asked(EffectKind::read_close));
  CloseFacts facts;
  facts.outcome = Outcome::stopped_by_renter;
  facts.to_host = base::Lamports{600'000};
  facts.to_treasury = base::Lamports{18'000};
  facts.to_renter = base::Lamports{38'000'000};
  facts.proven_until_s = 1062;
  EXPECT_EQ(rental.on(CloseRead{facts}).state, State::ended);
  EXPECT_EQ(rental.life().message, "Stopped. You used 60 s: 0.000618 SOL. 0.03505 SOL returned.");
  EXPECT_EQ(rental.life().outcome, Outcome::stopped_by_renter);
}

TEST(Step, EveryFieldThatDiffersIsRefused) {
  using Change = void (*)(escrow::Lease&);
  const Change changes[] = {
      [](escrow::Lease& a) { a.renter.words[0] ^= 1; },
      [](escrow::Lease& a) { a.host.words[0] ^= 1; },
      [](escrow::Lease& a) { a.market.words[3] ^= 1; },
      [](escrow::Lease& a) { a.treasury.words[1] ^= 1; },
      [](escrow::Lease& a) { a.attestor.words[0] ^= 1; },
      [](escrow::Lease& a) { a.terms_hash.words[2] ^= 1; },
      [](escrow::Lease& a) { a.nonce += 1; },
      [](escrow::Lease& a) { a.rate -= 1; },
      [](escrow::Lease& a) { a.seconds += 1; },
      [](escrow::Lease& a) { a.max_seconds += 1; },
      [](escrow::Lease& a) { a.fee_bps += 1; },
      [](escrow::Lease& a) { a.ready_deadline_s += 1; },
      [](escrow::Lease& a) { a.gap_limit_s += 1; },
      [](escrow::Lease& a) { a.claim_window_s += 1; },
  };
  for (std::size_t i = 0; i < std::size(changes); ++i) {
    SCOPED_TRACE(i);
    Rental rental;
    escrow::Lease account = rental.account();
    changes[i](account);
    EXPECT_EQ(rental.on(Seen{account, 500}).state, State::quoted) << "not even prepared";
    rental.on(Confirmed{account, 502});
    EXPECT_EQ(rental.life().state, State::ended) << "and it holds no cards any more";
    EXPECT_EQ(rental.life().outcome, Outcome::not_ready);
    EXPECT_TRUE(rental.last.effects.empty());
    EXPECT_TRUE(rental.noted("refused"));
  }
}

TEST(Step, UnpaidQuoteEndsOnlyOnTheChainsWord) {
  Rental rental;
  rental.context.chain_now_s = 5000;
  EXPECT_EQ(rental.on(Tick{}).state, State::quoted);
  rental.context.chain_now_s = rental.record.quote.expires_at_s + kOpenLandingS;
  EXPECT_EQ(rental.on(Absent{500}).state, State::quoted);
  rental.context.chain_now_s += 1;
  rental.context.chain_slot = 502;
  EXPECT_EQ(rental.on(Absent{501}).state, State::quoted) << "a node that is behind";
  EXPECT_EQ(rental.on(Absent{502}).state, State::stopping) << "its history has the last word";
  EXPECT_TRUE(rental.asked(EffectKind::read_close));
  EXPECT_TRUE(rental.last.notes.empty());
  EXPECT_EQ(rental.on(Absent{503}).version, rental.life().version);
  EXPECT_TRUE(rental.last.effects.empty()) << "asked once";
  EXPECT_EQ(rental.on(CloseRead{{}, true}).state, State::ended);
  EXPECT_EQ(rental.life().outcome, Outcome::never_paid);
  EXPECT_TRUE(rental.noted("never_paid"));
}

TEST(Step, PaidAndClosedWhileNobodyLookedIsNoUnpaidQuote) {
  for (const bool was_seen : {false, true}) {
    SCOPED_TRACE(was_seen);
    Rental rental;
    if (was_seen) rental.on(Seen{rental.account(), 500});
    rental.context.chain_now_s = rental.record.quote.expires_at_s + 100;
    rental.context.chain_slot = 900;
    EXPECT_EQ(rental.on(Absent{900}).state, State::stopping);
    EXPECT_FALSE(rental.noted("open_vanished"));
    EXPECT_EQ(rental.asked(EffectKind::tell_host), was_seen) << "it makes a machine for nobody";
    CloseFacts facts;
    facts.outcome = Outcome::cancelled;
    facts.to_host = facts.to_treasury = base::Lamports{0};
    facts.to_renter = base::Lamports{5'000};
    facts.open_signature = base::Signature{};
    facts.opened_slot = 500;
    facts.opened_at_s = 1000;
    EXPECT_EQ(rental.on(CloseRead{facts}).state, State::ended);
    EXPECT_EQ(rental.life().outcome, Outcome::cancelled);
    EXPECT_EQ(rental.life().opened_slot, 500u);
    EXPECT_EQ(rental.life().opened_at_s, 1000);
    EXPECT_EQ(rental.life().refunded_lamports->count, 5'000u);
    EXPECT_TRUE(rental.noted("ended"));
  }
}

TEST(Step, WhatCouldNotBeReadIsNotCalledUnpaid) {
  Rental rental;
  rental.context.chain_now_s = 5000;
  rental.on(Absent{900});
  EXPECT_EQ(rental.on(CloseRead{}).state, State::ended);
  EXPECT_EQ(rental.life().outcome, Outcome::none);
}

TEST(Step, ForkTakesThePaymentBack) {
  Rental rental;
  rental.on(Seen{rental.account(), 500});
  rental.on(testing::host_running());
  EXPECT_EQ(rental.on(Absent{502}).state, State::preparing) << "confirmed lags behind";
  EXPECT_EQ(rental.on(Absent{520}).state, State::quoted);
  EXPECT_EQ(rental.life().wanted, Wanted::gone);
  // It lands again, in another slot, and is served like any other.
  auto again = rental.account();
  again.opened_slot = 530;
  EXPECT_EQ(rental.on(Seen{again, 530}).state, State::preparing);
  EXPECT_EQ(rental.on(Confirmed{again, 532}).state, State::checking);
  EXPECT_FALSE(rental.asked(EffectKind::log_in)) << "the old machine is not this one";
}

TEST(Step, SlowHostIsCheckedWhenItRuns) {
  Rental rental;
  rental.on(Seen{rental.account(), 500});
  EXPECT_EQ(rental.on(Confirmed{rental.account(), 502}).state, State::checking);
  EXPECT_FALSE(rental.asked(EffectKind::log_in));
  rental.on(testing::host_running());
  EXPECT_TRUE(rental.asked(EffectKind::log_in));
  rental.login_fails();
  EXPECT_TRUE(rental.asked(EffectKind::log_in)) << "again, until the deadline";
  EXPECT_EQ(rental.last.effects.back().delay_ms, 250u);
}

TEST(Step, AnswersOfOldLoginsAreIgnored) {
  Rental rental;
  rental.until_checking();
  rental.login_fails();  // asks for a second one
  rental.on(LoginWorked{1, 1001, "mark-1"});
  EXPECT_EQ(rental.life().state, State::checking);
}

TEST(Step, WrongCardIsToldAtOnce) {
  for (const auto problem : {LoginProblem::wrong_card, LoginProblem::wrong_host_key}) {
    Rental rental;
    rental.until_checking();
    EXPECT_EQ(rental.login_fails(problem).state, State::stopping);
    EXPECT_EQ(rental.life().outcome, Outcome::not_ready);
    EXPECT_EQ(rental.life().wanted, Wanted::gone);
    EXPECT_TRUE(rental.noted("not_ready"));
  }
}

TEST(Step, FailedHostGivesTheMoneyBackAfterTheDeadline) {
  Rental rental;
  rental.until_checking();
  HostSaid failed;
  failed.state = HostState::failed;
  failed.message = "no space";
  EXPECT_EQ(rental.on(failed).state, State::stopping);
  rental.context.chain_now_s = 1060;
  rental.on(Tick{});
  EXPECT_FALSE(rental.asked(EffectKind::send_cancel));
  rental.context.chain_now_s = 1061;
  rental.on(Tick{});
  EXPECT_TRUE(rental.asked(EffectKind::send_cancel));
  rental.on(Absent{900});
  CloseFacts facts;
  facts.outcome = Outcome::not_ready;
  facts.to_renter = base::Lamports{38'951'040};
  rental.on(CloseRead{facts});
  EXPECT_EQ(rental.life().message, "Not ready in 60 s. 0.03895 SOL is back.");
}

TEST(Step, HostThatFailsBeforeConfirmedIsNotChecked) {
  Rental rental;
  rental.on(Seen{rental.account(), 500});
  HostSaid failed;
  failed.state = HostState::failed;
  EXPECT_EQ(rental.on(failed).state, State::preparing);
  EXPECT_EQ(rental.on(Confirmed{rental.account(), 502}).state, State::stopping);
}

TEST(Step, HostThatFailsAndClearsAwayHasFailed) {
  Rental rental;
  rental.on(Seen{rental.account(), 500});
  HostSaid said;
  said.state = HostState::failed;
  said.message = "no space";
  rental.on(said);
  said.state = HostState::gone;
  rental.on(said);
  EXPECT_EQ(rental.on(Confirmed{rental.account(), 502}).state, State::stopping);
  EXPECT_TRUE(rental.noted("not_ready"));
  // What is wanted gone and is gone, is gone.
  EXPECT_EQ(rental.on(said).host_state, HostState::gone);
}

TEST(Step, TheSameAgainIsNoChange) {
  Rental rental;
  rental.until_active();
  const Life before = rental.life();
  EXPECT_EQ(rental.on(Confirmed{testing::active(rental.account(), 1002), 900}), before);
  EXPECT_EQ(rental.on(Tick{}), before);
  EXPECT_EQ(rental.on(testing::host_running()), before);
}

// Every event of a lease is a write and a line for its renter: a host must not have them for free.
TEST(Step, AHostThatFlapsFillsNothing) {
  Rental rental;
  rental.until_active();
  rental.on(testing::host_running(HostState::open));
  EXPECT_TRUE(rental.noted("host_open"));
  HostSaid failed;
  failed.state = HostState::failed;
  auto stranger = testing::host_running();
  stranger.ssh->host_key = "ssh-ed25519 OTHER";
  int notes = 0;
  for (int i = 0; i < 200; ++i) {
    for (const Event& event :
         {Event(testing::host_running()), Event(testing::host_running(HostState::open)),
          Event(failed), Event(HostLost{}), Event(stranger)}) {
      rental.on(event);
      notes += static_cast<int>(rental.last.notes.size());
      if (!rental.asked(EffectKind::log_in)) continue;
      EXPECT_GE(rental.last.effects.back().delay_ms, 5000u) << "it is looked at, not hammered";
      rental.login_works();
    }
  }
  EXPECT_LE(notes, 1);
}

TEST(Step, CancelThatLosesAgainstReadyGoesOn) {
  Rental rental;
  rental.until_checking();
  rental.login_works();
  rental.context.chain_now_s = 1064;
  EXPECT_EQ(rental.on(Tick{}).state, State::stopping);
  EXPECT_EQ(rental.life().wanted, Wanted::running) << "the machine may still be needed";
  rental.on(Tick{});
  EXPECT_TRUE(rental.asked(EffectKind::send_cancel));
  EXPECT_EQ(rental.on(Confirmed{testing::active(rental.account(), 1060), 700}).state,
            State::active);
  EXPECT_EQ(rental.life().wanted, Wanted::open);
}

TEST(Step, AttestsOnceAMinuteOfChainTime) {
  Rental rental;
  rental.until_active();
  rental.context.chain_now_s = 1061;
  rental.on(Tick{});
  EXPECT_FALSE(rental.asked(EffectKind::log_in));
  rental.context.chain_now_s = 1062;
  rental.on(Tick{});
  EXPECT_TRUE(rental.asked(EffectKind::log_in));
  EXPECT_FALSE(rental.last.effects.back().check_card);
  rental.on(Tick{});
  EXPECT_FALSE(rental.asked(EffectKind::log_in)) << "one at a time";
  rental.login_works();
  ASSERT_TRUE(rental.asked(EffectKind::attest));
  EXPECT_EQ(rental.last.effects.back().alive_until, 1062);
}

TEST(Step, NothingIsAttestedAfterAnAskedStop) {
  Rental rental;
  rental.until_active();
  rental.on(StopAsked{});
  rental.context.chain_now_s = 1070;
  rental.on(Tick{});
  rental.login_works();
  EXPECT_FALSE(rental.asked(EffectKind::attest));
  // It never landed: the lease runs on.
  rental.context.chain_now_s = 1002 + kStopLandingS + 10;
  rental.on(Tick{});
  EXPECT_TRUE(rental.noted("stop_not_landed"));
  rental.context.chain_now_s += 60;
  rental.on(Tick{});
  rental.login_works();
  EXPECT_TRUE(rental.asked(EffectKind::attest));
}

TEST(Step, TheTimeBeforeAnAskedStopIsStillProven) {
  Rental rental;
  rental.until_active();
  rental.context.chain_now_s = 1050;
  rental.on(StopAsked{});
  rental.context.chain_now_s = 1065;
  rental.on(Tick{});
  rental.login_works();
  ASSERT_TRUE(rental.asked(EffectKind::attest));
  EXPECT_EQ(rental.last.effects.back().alive_until, 1050) << "and not a second past the stop";
}

TEST(Step, FailuresWithAnUnseenTimeBetweenDoNotMakeAMinute) {
  Rental rental;
  rental.until_active();
  rental.context.chain_now_s = 1500;
  rental.on(Tick{});
  rental.login_fails();
  rental.context.chain_now_s = 1500 + kDarkAfterS + kLongestLookAwayS;
  rental.on(Tick{});
  rental.login_fails();
  EXPECT_EQ(rental.life().state, State::active);
  EXPECT_EQ(rental.life().first_failure_s, rental.context.chain_now_s);
}

TEST(Step, TroubleOfARunningLeaseIsWordsAndNothingElse) {
  Rental rental;
  const Troubled trouble{"trouble", "The host says: Its disk is 96 % full."};
  rental.on(Seen{rental.account(), 500});
  rental.on(trouble);
  EXPECT_TRUE(rental.last.notes.empty()) << "it does not run yet";
  rental.on(Confirmed{testing::active(rental.account(), 1002), 510});
  const Life before = rental.life();
  EXPECT_EQ(before.state, State::active);
  EXPECT_EQ(rental.on(trouble), before);
  EXPECT_TRUE(rental.last.effects.empty());
  ASSERT_EQ(rental.last.notes.size(), 1u);
  EXPECT_EQ(rental.last.notes[0], (Note{"trouble", "The host says: Its disk is 96 % full."}));
}

TEST(Step, AnotherBootIsAnotherMachine) {
  Rental rental;
  rental.until_active();
  rental.context.chain_now_s = 1062;
  rental.on(Tick{});
  rental.login_works("mark-2");
  EXPECT_FALSE(rental.asked(EffectKind::attest));
  EXPECT_EQ(rental.life().first_failure_s, 1062);
}

TEST(Step, AnotherHostKeyIsNotTrusted) {
  Rental rental;
  rental.until_active();
  auto said = testing::host_running();
  said.ssh->host_key = "ssh-ed25519 OTHER";
  rental.on(said);
  EXPECT_EQ(rental.life().ssh->host_key, "ssh-ed25519 HOSTKEY");
}

TEST(Step, LostConnectionIsAReasonToLookAndNoMore) {
  Rental rental;
  rental.on(HostLost{});
  EXPECT_TRUE(rental.last.effects.empty());
  rental.until_active();
  rental.on(HostLost{});
  ASSERT_TRUE(rental.asked(EffectKind::log_in));
  EXPECT_EQ(rental.last.effects.back().delay_ms, 5000u) << "it was looked at just now";
  rental.on(HostLost{});
  EXPECT_FALSE(rental.asked(EffectKind::log_in)) << "one at a time";
  rental.login_works();
  EXPECT_EQ(rental.life().state, State::active);
  rental.context.chain_now_s += 30;
  rental.on(HostLost{});
  EXPECT_EQ(rental.last.effects.back().delay_ms, kLostLookMs);
}

TEST(Step, WatchThatWasDownCatchesUpOnTheSameBoot) {
  Rental rental;
  rental.until_active();
  rental.context.watch_started_at_s = 3000;
  rental.context.chain_now_s = 3001;
  rental.on(Tick{});
  rental.login_works();
  ASSERT_TRUE(rental.asked(EffectKind::attest));
  EXPECT_EQ(rental.last.effects.back().alive_until, 3001);
}

TEST(Step, TheEndIsProvenAndFinished) {
  Rental rental;
  rental.until_active();
  rental.context.chain_now_s = 4603;
  EXPECT_EQ(rental.on(Tick{}).state, State::stopping);
  EXPECT_TRUE(rental.asked(EffectKind::log_in));
  rental.login_works();
  ASSERT_TRUE(rental.asked(EffectKind::attest));
  EXPECT_EQ(rental.last.effects.back().alive_until, 4602) << "not past the end";
  rental.on(Attested{4602, {}});
  EXPECT_TRUE(rental.asked(EffectKind::settle_end));
  EXPECT_EQ(rental.life().wanted, Wanted::gone);
}

// The watch logs in by its own node's time, which may be some slots behind the market's.
TEST(Step, ALastLoginThatHadNotHeardOfTheEndIsTriedAgain) {
  Rental rental;
  rental.until_active();
  rental.context.chain_now_s = 4603;
  rental.on(Tick{});
  rental.on(LoginWorked{rental.life().login_attempt, rental.life().started_at_s, "mark-1"});
  EXPECT_FALSE(rental.asked(EffectKind::attest)) << "it proves nothing new";
  ASSERT_TRUE(rental.asked(EffectKind::log_in));
  EXPECT_EQ(rental.last.effects.back().delay_ms, 1000u);
  rental.login_works();
  ASSERT_TRUE(rental.asked(EffectKind::attest));
  EXPECT_EQ(rental.last.effects.back().alive_until, 4602);
  rental.on(Attested{4602, {}});
  EXPECT_TRUE(rental.asked(EffectKind::settle_end));
}

TEST(Step, AContestedStopOfAMomentAgoIsProvenByTheNextLogin) {
  Rental rental;
  rental.until_active();
  rental.until_attested(1400);
  rental.context.chain_now_s = 1500;
  rental.on(Confirmed{testing::closing(testing::active(rental.account(), 1002), 1500), 800});
  rental.on(LoginWorked{rental.life().login_attempt, 1400, "mark-1"});
  ASSERT_TRUE(rental.asked(EffectKind::log_in));
  rental.login_works();
  ASSERT_TRUE(rental.asked(EffectKind::attest));
  EXPECT_EQ(rental.last.effects.back().alive_until, 1500);
}

TEST(Step, TheEndOfADarkHostIsFinishedWithWhatIsProven) {
  Rental rental;
  rental.until_active();
  rental.context.chain_now_s = 4602;
  rental.on(Tick{});
  rental.login_fails();
  EXPECT_FALSE(rental.asked(EffectKind::settle_end));
  rental.context.chain_now_s = 4613;
  rental.login_fails();
  EXPECT_TRUE(rental.asked(EffectKind::settle_end));
}

TEST(Step, ALastLoginIsTriedHoweverLate) {
  Rental rental;
  rental.until_active();
  rental.context.chain_now_s = 9999;
  rental.on(Tick{});
  EXPECT_TRUE(rental.asked(EffectKind::log_in));
  EXPECT_FALSE(rental.asked(EffectKind::settle_end));
  rental.context.chain_now_s += kLastLoginS + 1;
  rental.on(Tick{});
  EXPECT_TRUE(rental.asked(EffectKind::settle_end)) << "no answer: it is given up";
}

TEST(Step, ExtendedInTheLastSecondRunsOn) {
  Rental rental;
  rental.until_active();
  rental.context.chain_now_s = 4602;
  rental.on(Tick{});
  auto longer = testing::active(rental.account(), 1002);
  longer.seconds = 7200;
  EXPECT_EQ(rental.on(Confirmed{longer, 800}).state, State::active);
  EXPECT_EQ(rental.life().ends_at_s(), 8202);
  EXPECT_TRUE(rental.noted("extended"));
  EXPECT_EQ(rental.life().wanted, Wanted::open);
}

TEST(Step, ContestedStopIsProvenAndClaimed) {
  Rental rental;
  rental.until_active();
  rental.context.chain_now_s = 1500;
  auto stopped = testing::closing(testing::active(rental.account(), 1002), 1500);
  EXPECT_EQ(rental.on(Confirmed{stopped, 800}).state, State::contested);
  EXPECT_TRUE(rental.asked(EffectKind::log_in));
  rental.context.chain_now_s = 1502;
  rental.login_works();
  ASSERT_TRUE(rental.asked(EffectKind::attest));
  EXPECT_EQ(rental.last.effects.back().alive_until, 1500) << "not past the stop";
  rental.on(Attested{1500, {}});
  EXPECT_TRUE(rental.asked(EffectKind::settle_claim));
  EXPECT_EQ(rental.life().wanted, Wanted::gone);
  // Whatever became of the claim.
  rental.context.chain_now_s = 1500 + 21'601;
  rental.on(Tick{});
  EXPECT_TRUE(rental.asked(EffectKind::settle_finish));
}

TEST(Step, ContestedAndProvenInPartIsClaimedInsideTheWindow) {
  Rental rental;
  rental.until_active();
  rental.until_attested(1400);
  rental.context.chain_now_s = 1500;
  rental.on(Confirmed{testing::closing(testing::active(rental.account(), 1002), 1500), 800});
  rental.login_fails();
  EXPECT_FALSE(rental.asked(EffectKind::settle_claim)) << "a better proof may come yet";
  rental.context.chain_now_s = 1511;
  rental.login_fails();
  EXPECT_TRUE(rental.asked(EffectKind::settle_claim));
}

TEST(Step, ContestedWithoutProofIsFinishedAfterTheWindow) {
  Rental rental;
  rental.until_active();
  rental.context.chain_now_s = 1500;
  rental.on(Confirmed{testing::closing(testing::active(rental.account(), 1002), 1500), 800});
  rental.login_fails();
  EXPECT_EQ(rental.life().wanted, Wanted::open);
  rental.context.chain_now_s = 1511;
  rental.login_fails();
  EXPECT_EQ(rental.life().wanted, Wanted::gone);
  rental.context.chain_now_s = 1500 + 21'600;
  rental.on(Tick{});
  EXPECT_FALSE(rental.asked(EffectKind::settle_finish));
  rental.context.chain_now_s += 1;
  rental.on(Tick{});
  EXPECT_TRUE(rental.asked(EffectKind::settle_finish));
}

TEST(Step, OldAnswersOfTheChainAreIgnored) {
  Rental rental;
  rental.until_active();
  rental.on(Confirmed{rental.account(), 505});
  EXPECT_EQ(rental.life().state, State::active);
  EXPECT_EQ(rental.life().started_at_s, 1002);
  rental.on(Confirmed{rental.account(), 510 + kLostForkSlots - 1});
  EXPECT_EQ(rental.life().started_at_s, 1002) << "a node on another fork";
  rental.on(Absent{505});
  EXPECT_EQ(rental.life().state, State::active);
}

TEST(Step, ReadyThatTheNetworkTookBackIsSentAgain) {
  Rental rental;
  rental.until_active();
  rental.on(Confirmed{rental.account(), 510 + kLostForkSlots});
  EXPECT_EQ(rental.life().state, State::checking);
  EXPECT_EQ(rental.life().started_at_s, 0);
  EXPECT_EQ(rental.life().wanted, Wanted::running);
  EXPECT_FALSE(rental.life().ready_signature);
  ASSERT_TRUE(rental.asked(EffectKind::log_in));
  rental.on(LoginWorked{rental.life().login_attempt, 1020, "mark"});
  EXPECT_TRUE(rental.asked(EffectKind::send_ready));
  rental.on(Confirmed{testing::active(rental.account(), 1022), 600});
  EXPECT_EQ(rental.life().state, State::active);
  EXPECT_EQ(rental.life().started_at_s, 1022);
}

TEST(Step, AStopThatTheNetworkTookBackLeavesItRunning) {
  Rental rental;
  rental.until_active();
  const auto running = testing::active(rental.account(), 1002);
  rental.on(Confirmed{testing::closing(running, 1500), 800});
  ASSERT_EQ(rental.life().state, State::contested);
  rental.on(Confirmed{running, 800 + kLostForkSlots - 1});
  EXPECT_EQ(rental.life().state, State::contested);
  rental.on(Confirmed{running, 800 + kLostForkSlots});
  EXPECT_EQ(rental.life().state, State::active);
  EXPECT_EQ(rental.life().window_ends_s, 0);
  EXPECT_EQ(rental.life().wanted, Wanted::open);
}

TEST(Step, ANonceOpenedAgainIsNotServed) {
  Rental rental;
  rental.until_active();
  auto again = rental.account();
  again.opened_slot = 900;
  rental.on(Confirmed{again, 900});
  EXPECT_EQ(rental.life().state, State::stopping);
  EXPECT_TRUE(rental.life().closed);
  rental.on(CloseRead{});
  EXPECT_EQ(rental.on(Confirmed{again, 901}).state, State::ended);
}

CloseFacts facts_of_a_stop() {
  CloseFacts facts;
  facts.outcome = Outcome::stopped_by_renter;
  facts.to_host = base::Lamports{970};
  facts.to_treasury = base::Lamports{30};
  facts.to_renter = base::Lamports{5'000};
  facts.close_signature = base::Signature{};
  facts.proven_until_s = 1500;
  return facts;
}

TEST(Step, ACloseEndsItOnceItIsFinal) {
  Rental rental;
  rental.until_active();
  rental.on(Absent{800});
  EXPECT_TRUE(rental.asked(EffectKind::read_close));
  rental.on(CloseRead{facts_of_a_stop(), false, true});
  EXPECT_EQ(rental.life().state, State::stopping) << "its cards are held";
  EXPECT_TRUE(rental.life().is_over());
  EXPECT_EQ(rental.life().host_lamports->count, 970u);
  EXPECT_TRUE(rental.noted("ended"));
  EXPECT_EQ(rental.life().ended_ms, 0);
  rental.on(CloseRead{facts_of_a_stop(), false, false});
  EXPECT_EQ(rental.life().state, State::ended);
  EXPECT_FALSE(rental.noted("ended")) << "said once";
  EXPECT_NE(rental.life().ended_ms, 0);
}

TEST(Step, AStopThatLandsAnewAfterAForkIsToldAnew) {
  Rental rental;
  rental.until_active();
  rental.on(Absent{800});
  rental.on(CloseRead{facts_of_a_stop(), false, true});
  CloseFacts later = facts_of_a_stop();
  later.to_host = base::Lamports{1'940};
  later.to_treasury = base::Lamports{60};
  rental.on(CloseRead{later, false, false});
  EXPECT_EQ(rental.life().host_lamports->count, 1'940u);
  EXPECT_TRUE(rental.noted("ended"));
}

TEST(Step, WhatWasReadIsNotUnlearnedFromANodeThatShowsLess) {
  Rental rental;
  rental.until_active();
  rental.on(Absent{800});
  rental.on(CloseRead{facts_of_a_stop(), false, true});
  rental.on(CloseRead{{}, false, false});
  EXPECT_EQ(rental.life().state, State::ended);
  EXPECT_EQ(rental.life().host_lamports->count, 970u);
  EXPECT_TRUE(rental.life().stop_signature);
}

TEST(Step, ACloseThatTheNetworkTookBackLeavesItRunning) {
  for (const bool was_read : {false, true}) {
    SCOPED_TRACE(was_read);
    Rental rental;
    rental.until_active();
    const auto running = testing::active(rental.account(), 1002);
    rental.on(Absent{800});
    if (was_read) rental.on(CloseRead{facts_of_a_stop(), false, true});
    rental.on(Confirmed{running, 800 + kLostForkSlots - 1});
    EXPECT_TRUE(rental.life().closed) << "a node on another fork";
    rental.on(Confirmed{running, 800 + kLostForkSlots});
    EXPECT_EQ(rental.life().state, State::active);
    EXPECT_FALSE(rental.life().closed);
    EXPECT_EQ(rental.life().outcome, Outcome::none);
    EXPECT_EQ(rental.life().wanted, Wanted::open);
    EXPECT_FALSE(rental.life().host_lamports);
    EXPECT_FALSE(rental.life().stop_signature);
    EXPECT_TRUE(rental.noted("fork_lost"));
    // What was asked for before is about a close that is no more.
    rental.on(CloseRead{facts_of_a_stop()});
    EXPECT_EQ(rental.life().state, State::active);
  }
}

TEST(Step, ACancelThatTheNetworkTookBackIsCheckedAgain) {
  Rental rental;
  rental.until_checking();
  rental.on(Absent{800});
  rental.on(Confirmed{rental.account(), 800 + kLostForkSlots});
  EXPECT_EQ(rental.life().state, State::checking);
  EXPECT_EQ(rental.life().wanted, Wanted::running);
  EXPECT_TRUE(rental.asked(EffectKind::log_in));
}

TEST(Step, AContestedStopWhoseEndTheNetworkTookBackIsFinishedAgain) {
  Rental rental;
  rental.until_active();
  const auto stopped =
      testing::closing(testing::active(rental.account(), 1002), rental.context.chain_now_s);
  rental.on(Confirmed{stopped, 800});
  rental.on(Absent{900});
  rental.on(Confirmed{stopped, 900 + kLostForkSlots});
  EXPECT_EQ(rental.life().state, State::contested);
  rental.context.chain_now_s = stopped.window_ends + 1;
  rental.on(Tick{});
  EXPECT_TRUE(rental.asked(EffectKind::settle_finish));
}

// It was called unpaid by a node that did not show it, and is on the chain after all.
TEST(Step, APaymentThatTurnsUpIsServedAsQuoted) {
  Rental rental;
  rental.context.chain_now_s = rental.record.quote.expires_at_s + 100;
  rental.context.chain_slot = 900;
  ASSERT_EQ(rental.on(Absent{900}).outcome, Outcome::never_paid);
  rental.on(Confirmed{rental.account(), 900 + kLostForkSlots - 1});
  EXPECT_TRUE(rental.life().closed);
  rental.on(Confirmed{rental.account(), 900 + kLostForkSlots});
  EXPECT_EQ(rental.life().state, State::checking);
  EXPECT_EQ(rental.life().outcome, Outcome::none);
  EXPECT_EQ(rental.life().opened_slot, rental.account().opened_slot);
  rental.on(CloseRead{{}, true});
  EXPECT_EQ(rental.life().state, State::checking) << "what was asked before says nothing now";
}

TEST(Step, AnOpeningWhoseForkLostIsAQuoteAgain) {
  Rental rental;
  rental.until_active();
  rental.on(Absent{800});
  rental.on(CloseRead{facts_of_a_stop(), false, true});
  rental.on(CloseRead{{}, true});
  EXPECT_EQ(rental.life().state, State::quoted);
  EXPECT_FALSE(rental.life().closed);
  EXPECT_FALSE(rental.life().host_lamports);
  EXPECT_TRUE(rental.life().boot_mark.empty());
  EXPECT_TRUE(rental.noted("open_vanished"));
  // It landed once more, in another block.
  auto again = rental.account();
  again.opened_slot = 840;
  rental.on(Confirmed{again, 845});
  EXPECT_EQ(rental.life().state, State::checking);
  EXPECT_EQ(rental.life().opened_slot, 840u);
}

TEST(Step, AQuoteIsGivenUpAtOnceAndOnlyUnpaid) {
  Rental rental;
  rental.on(GivenUp{});
  EXPECT_EQ(rental.life().state, State::ended);
  EXPECT_EQ(rental.life().outcome, Outcome::never_paid);
  EXPECT_TRUE(rental.noted("given_up"));
  Rental paid;
  paid.on(Seen{paid.account(), 500});
  EXPECT_EQ(paid.on(GivenUp{}).state, State::preparing);
  EXPECT_TRUE(paid.last.notes.empty());
}

}  // namespace
}  // namespace obelisk::lease
