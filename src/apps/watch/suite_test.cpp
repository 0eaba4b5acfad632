// The suite of the Attestor and Logins ports, against the desk in this process and behind its
// socket: the same words, the same refusals.
#include <gtest/gtest.h>

#include "apps/watch/testing.hpp"

namespace obelisk::watch_app {
namespace {

using base::Code;
using testing::kNow;

class AttestorSuite : public ::testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    if (GetParam()) world.use_socket();
  }
  static Code code(const base::Result<base::Signature>& answer) {
    return answer ? Code::internal : answer.error().code;
  }
  testing::World world;
};

TEST_P(AttestorSuite, TellsItsKeys) {
  ASSERT_EQ(world.link.attestors.size(), 1u);
  EXPECT_EQ(world.attestor().public_key(), world.key.public_key());
  EXPECT_EQ(world.link.logins->public_key(), world.machines.public_key());
}

TEST_P(AttestorSuite, SignsAQuoteAndNotASecondForItsAddress) {
  const auto signature = world.attestor().quote(world.example.text);
  ASSERT_TRUE(signature.ok()) << signature.error().message;
  EXPECT_TRUE(market::verify_quote(world.example.text, world.key.public_key(), *signature));
  auto terms = world.example.terms;
  terms.max_seconds += 60;
  EXPECT_EQ(code(world.attestor().quote(market::terms_text(terms))), Code::refused);
  terms = world.example.terms;
  terms.market = market::testing::key(77);
  EXPECT_EQ(code(world.attestor().quote(market::terms_text(terms))), Code::refused);
  EXPECT_EQ(code(world.attestor().quote("{}")), Code::invalid_input);
}

TEST_P(AttestorSuite, AQuoteFollowsTheMarketAccount) {
  auto market = world.example.market;
  market.rev += 1;
  world.chain.put_market(world.example.ground.market, market);
  world.pass(1);
  EXPECT_EQ(code(world.attestor().quote(world.example.text)), Code::refused);
  auto terms = world.example.terms;
  terms.market_rev += 1;
  EXPECT_TRUE(world.attestor().quote(market::terms_text(terms)).ok());
  world.chain.set_down(true);
  world.clock.advance_ms(10'000);
  terms.nonce = 1;
  EXPECT_EQ(code(world.attestor().quote(market::terms_text(terms))), Code::refused) << "blind";
}

TEST_P(AttestorSuite, ReadyWantsALoginOfItsOwn) {
  EXPECT_EQ(code(world.ready()), Code::refused) << "nobody paid";
  world.open();
  EXPECT_EQ(code(world.ready()), Code::refused) << "nobody looked";
  EXPECT_TRUE(world.log_in(false).ok);
  world.machines.driver = "Celeron";
  EXPECT_EQ(code(world.ready()), Code::refused) << "it looks by itself, and at the cards";
  world.machines.driver = "EPYC";
  EXPECT_TRUE(world.ready().ok());
  EXPECT_TRUE(world.ready().ok()) << "again, should the first have expired";
}

TEST_P(AttestorSuite, ReadyIsForOneOpening) {
  world.make_active();
  world.chain.open(world.example.lease(), world.example.account());
  EXPECT_TRUE(world.log_in(true).ok);
  EXPECT_EQ(code(world.ready()), Code::refused) << "its nonce was served";
  world.boot();
  EXPECT_EQ(code(world.ready()), Code::refused) << "a restart forgets nothing of it";
}

TEST_P(AttestorSuite, ReadyIsForTheHostsOwnMachine) {
  world.open();
  auto ssh = world.example.ssh();
  ssh.host_key = "ssh-ed25519 AAAAMARKETS";
  const auto answer = world.link.logins->log_in(world.quote(), ssh, true);
  EXPECT_EQ(answer.problem, lease::LoginProblem::wrong_host_key);
  EXPECT_TRUE(world.machines.calls.empty()) << "it does not even go there";
  auto quote = world.quote();
  quote.signature = {};
  EXPECT_FALSE(world.link.logins->log_in(quote, world.example.ssh(), true).ok);
  EXPECT_TRUE(world.machines.calls.empty());
}

TEST_P(AttestorSuite, AttestsWhatItSawAndNoMore) {
  world.make_active();
  EXPECT_EQ(code(world.attest(kNow + 60)), Code::refused);
  world.pass(60);
  EXPECT_EQ(code(world.attest(kNow + 60)), Code::refused) << "no login since";
  const auto login = world.log_in(false);
  EXPECT_EQ(login.alive_at_s, kNow + 60);
  const auto signature = world.attest(kNow + 60);
  ASSERT_TRUE(signature.ok()) << signature.error().message;
  EXPECT_TRUE(settlement::is_valid(
      {world.key.public_key(),
       {world.example.ground.program, world.example.lease(), world.slot(), kNow + 60},
       *signature}));
  EXPECT_EQ(code(world.attest(kNow + 61)), Code::refused);
  world.machines.mark = "boot/2";
  world.pass(60);
  EXPECT_TRUE(world.log_in(false).ok);
  EXPECT_EQ(code(world.attest(kNow + 120)), Code::refused) << "another machine proves nothing";
}

TEST_P(AttestorSuite, BackUpItAttestsThroughUnbrokenUptime) {
  world.make_active();
  world.down();
  world.clock.advance_ms(900'000);
  world.chain.advance_s(900);
  world.boot();
  EXPECT_EQ(code(world.attest(kNow + 900)), Code::refused) << "it has not looked yet";
  EXPECT_TRUE(world.log_in(false).ok);
  EXPECT_TRUE(world.attest(kNow + 900).ok()) << "the same machine, never down";
  world.machines.mark = "boot/2";
  world.boot();
  EXPECT_TRUE(world.log_in(false).ok);
  EXPECT_EQ(code(world.attest(kNow + 900)), Code::refused) << "started again meanwhile";
}

TEST_P(AttestorSuite, StopsADarkHostOnlyAfterItsOwnMinute) {
  world.make_active();
  EXPECT_EQ(code(world.dark()), Code::refused);
  world.pass(200);
  EXPECT_TRUE(world.log_in(false).ok);
  world.machines.up.clear();
  for (int second = 0; second <= 60; second += 10) {
    EXPECT_FALSE(world.log_in(false).ok);
    EXPECT_EQ(code(world.dark()), Code::refused) << second;
    world.pass(10);
  }
  EXPECT_FALSE(world.log_in(false).ok);
  const auto signature = world.dark();
  EXPECT_TRUE(signature.ok()) << signature.error().message;
}

TEST_P(AttestorSuite, AWrongAddressIsNoSilence) {
  world.make_active();
  world.pass(200);
  for (int second = 0; second <= 80; second += 10) {
    EXPECT_TRUE(world.log_in(false, "10.9.9.9").ok) << "it finds it where it was";
    world.pass(10);
  }
  EXPECT_EQ(code(world.dark()), Code::refused);
  world.machines.up = {"10.0.0.2"};
  EXPECT_TRUE(world.log_in(false, "10.0.0.2").ok) << "a host may move";
  EXPECT_TRUE(world.log_in(false, "10.9.9.9").ok);
  // Nor does another name for the processor make a machine another one.
  auto quote = world.quote();
  quote.driver_name = "Celeron";
  EXPECT_TRUE(world.link.logins->log_in(quote, world.example.ssh("10.0.0.2"), true).ok);
}

// What a stolen market can have quoted for an address that is served already: another host, with a
// machine of the market's own.
TEST_P(AttestorSuite, AnotherQuoteForAServedAddressChangesNothing) {
  world.make_active();
  world.pass(200);
  EXPECT_TRUE(world.log_in(false).ok);
  watch::testing::Example forged;
  forged.host = watch::testing::keypair(14);
  forged.terms.host = forged.host.public_key();
  forged.text = market::terms_text(forged.terms);
  forged.hash = market::terms_hash(forged.text);
  forged.signature = forged.attestor.sign(market::quote_message(forged.hash));
  world.machines.up.insert("10.0.0.66");
  const auto log_in = [&] {
    return world.link.logins->log_in(forged.quoted().quote, forged.ssh("10.0.0.66"), false);
  };
  log_in();
  world.machines.up.erase("10.0.0.66");
  for (int second = 0; second <= 70; second += 10) {
    EXPECT_FALSE(log_in().ok);
    EXPECT_EQ(code(world.dark()), Code::refused);
    world.pass(10);
  }
  // And the machine that was there at `ready` is still the only one that counts.
  world.machines.mark = "boot/2";
  EXPECT_TRUE(world.log_in(false).ok);
  EXPECT_EQ(code(world.attest(kNow + 270)), Code::refused);
}

TEST_P(AttestorSuite, ReadyWantsTheCheckedMachineAndNoOther) {
  world.open();
  EXPECT_TRUE(world.log_in(true).ok);
  world.machines.mark = "boot/2";
  world.machines.driver = "Celeron";
  EXPECT_TRUE(world.log_in(false).ok);
  EXPECT_EQ(code(world.ready()), Code::refused) << "the check was of another machine";
}

TEST_P(AttestorSuite, BlindItStopsNobody) {
  world.make_active();
  world.pass(200);
  EXPECT_TRUE(world.log_in(false).ok);
  world.machines.up.clear();
  world.chain.set_down(true);
  for (int second = 0; second <= 80; second += 10) {
    EXPECT_FALSE(world.log_in(false).ok);
    world.pass(10);
  }
  world.chain.set_down(false);
  world.pass(1);
  EXPECT_EQ(code(world.dark()), Code::refused) << "its node was silent too";
  // Started anew it has to be up for the gap limit first.
  world.boot();
  for (int second = 0; second <= 160; second += 20) {
    EXPECT_FALSE(world.log_in(false).ok);
    EXPECT_EQ(code(world.dark()), Code::refused) << second;
    world.pass(20);
  }
  world.pass(5);
  EXPECT_FALSE(world.log_in(false).ok);
  EXPECT_TRUE(world.dark().ok());
}

// No other host has a lease here: then visits to its own mirror show whether renters get through.
TEST_P(AttestorSuite, WhereNoVisitorGetsThroughTheGatewayNobodyIsDark) {
  world.make_active();
  world.pass(200);
  EXPECT_TRUE(world.log_in(false).ok);
  world.machines.up.clear();
  world.reflects = false;
  const auto fail_for_80_s = [&] {
    for (int second = 0; second <= 80; second += 10) {
      EXPECT_FALSE(world.log_in(false).ok);
      world.pass(10);
    }
    EXPECT_FALSE(world.log_in(false).ok);
  };
  fail_for_80_s();
  EXPECT_EQ(code(world.dark()), Code::refused);
  world.reflects = true;
  EXPECT_EQ(code(world.dark()), Code::refused) << "what failed meanwhile said nothing of the host";
  fail_for_80_s();
  EXPECT_TRUE(world.dark().ok());
}

TEST_P(AttestorSuite, PaysForWhatAnybodyMaySend) {
  world.open();
  const auto cancel = escrow::encode_cancel(world.example.ground.program, world.accounts(), false);
  EXPECT_EQ(code(world.attestor().settlement(world.message({cancel}))), Code::refused) << "early";
  world.pass(61);
  EXPECT_TRUE(world.attestor().settlement(world.message({cancel})).ok());
  EXPECT_EQ(code(world.attestor().dark(world.message({cancel}))), Code::refused) << "another word";
  EXPECT_EQ(code(world.attestor().settlement(world.message({cancel, cancel}))), Code::refused);
  EXPECT_EQ(code(world.attestor().settlement(base::Bytes(88, 0x41))), Code::invalid_input);
}

TEST_P(AttestorSuite, WearsOut) {
  world.make_active();
  world.pass(1);
  EXPECT_TRUE(world.log_in(false).ok);
  int signed_ones = 0;
  for (int i = 0; i < 50; ++i) signed_ones += world.attest(kNow + 1).ok() ? 1 : 0;
  EXPECT_EQ(signed_ones, 20);
  EXPECT_EQ(code(world.attest(kNow + 1)), Code::rate_limited);
}

INSTANTIATE_TEST_SUITE_P(InProcess, AttestorSuite, ::testing::Values(false));
INSTANTIATE_TEST_SUITE_P(BySocket, AttestorSuite, ::testing::Values(true));

}  // namespace
}  // namespace obelisk::watch_app
