// The whole engine over fakes: a chain with the escrow's real rules, a store in memory, scripted
// logins, and a clock that tests turn. Nothing waits.
#include <gtest/gtest.h>

#include <set>

#include "adapters/fake/fake_chain.hpp"
#include "adapters/fake/fake_clock.hpp"
#include "adapters/fake/key_attestor.hpp"
#include "apps/market/engine/lease_engine.hpp"
#include "apps/market/engine/testing.hpp"
#include "base/crypto.hpp"
#include "core/escrow/arithmetic.hpp"
#include "core/lease/testing.hpp"
#include "core/settlement/settlement.hpp"

namespace obelisk::engine {
namespace {

using lease::testing::key;
using testing::DyingStore;
using testing::FakeCards;
using testing::FakeLink;
using testing::FakeLogins;
using testing::KeySigner;
using testing::running;

// A market with one renter and hosts whose machines appear when told to.
class EngineTest : public ::testing::Test {
 protected:
  void SetUp() override {
    escrow::Market market{};
    market.kind = escrow::kMarketKind;
    market.version = escrow::kVersion;
    market.rev = 1;
    chain_.put_market(key(4), market);
    boot();
  }

  // As after kill -9: the store and the world stay, everything else is new.
  void boot() {
    engine_.reset();
    engine_ = std::make_unique<Engine>(
        EngineParts{chain_, store_, clock_, Attestors(keys_), logins_, program_, key(4),
                    [this](const std::string& words) { log_.push_back(words); },
                    [this](int ms) { clock_.advance_ms(ms); }});
    ASSERT_TRUE(engine_->prepare(link_).ok());
    tick();
  }

  lease::Quote quote(std::uint64_t nonce, KeySigner& host) {
    lease::Quote out = lease::testing::make_quote(static_cast<std::uint8_t>(nonce));
    out.nonce = nonce;
    out.host = host.public_key();
    out.attestor = attestor_.public_key();
    out.terms = "{\"nonce\":" + std::to_string(nonce) + "}";
    out.id = base::to_hex(base::sha256(base::view_of(out.terms)).view());
    out.lease = settlement::lease_address(program_, out.renter, nonce).address;
    out.expires_at_s = quotes_from_ + 60;
    return out;
  }
  lease::Quote registered(std::uint64_t nonce, KeySigner& host) {
    const lease::Quote out = quote(nonce, host);
    EXPECT_TRUE(engine_->register_quote(out).ok());
    return out;
  }
  lease::Quote registered(std::uint64_t nonce = 1) { return registered(nonce, host_); }

  void tick() {
    clock_.advance_ms(300);
    engine_->poll_chain();
    engine_->pump();
  }
  void pass(base::UnixSeconds seconds) {
    for (base::UnixSeconds i = 0; i < seconds; ++i) {
      chain_.advance_s(1);
      clock_.advance_ms(1000);
      tick();
    }
  }
  void warp(base::UnixSeconds seconds) {
    chain_.advance_s(seconds);
    tick();
  }

  api::Lease shown(const lease::Quote& quote) { return **engine_->lease(quote.lease); }
  lease::Life life(const lease::Quote& quote) { return (*engine_->record(quote.lease))->life; }

  void pay(const lease::Quote& quote) {
    chain_.open(quote.lease, lease::testing::account_of(quote));
    tick();
  }
  void make_active(const lease::Quote& quote, KeySigner& host) {
    pay(quote);
    engine_->host_said(host.public_key(), running(quote, host));
    tick();
    ASSERT_EQ(shown(quote).state, api::LeaseState::active);
  }
  void renter_stops(const lease::Quote& quote, escrow::StopHow how) {
    const auto account = *chain_.lease(quote.lease);
    const auto accounts = escrow::accounts_of(quote.lease, account);
    ASSERT_TRUE(chain_.submit(quote.renter, {escrow::encode_stop(program_, accounts, how)}).ok());
  }
  void expect_adds_up(const lease::Quote& quote) {
    const api::Lease lease = shown(quote);
    ASSERT_TRUE(lease.host_lamports && lease.fee_lamports && lease.refunded_lamports);
    EXPECT_EQ(
        lease.host_lamports->count + lease.fee_lamports->count + lease.refunded_lamports->count,
        quote.price.count + escrow::kBondLamports);
  }

  static constexpr base::UnixSeconds kStart = 100'000;
  base::UnixSeconds quotes_from_ = kStart;
  const base::PublicKey program_ = key(200);
  KeySigner attestor_{61};
  fake::KeyAttestor watch_{attestor_};
  std::vector<ports::Attestor*> keys_{&watch_};
  KeySigner host_{62};
  KeySigner other_host_{63};
  fake::FakeClock clock_;
  fake::FakeChain chain_{program_, kStart};
  DyingStore store_;
  FakeLogins logins_;
  FakeLink link_;
  std::vector<std::string> log_;
  std::unique_ptr<Engine> engine_;
};

TEST_F(EngineTest, OrdinaryRental) {
  const lease::Quote quote = registered();
  EXPECT_EQ(shown(quote).state, api::LeaseState::quoted);
  pay(quote);
  EXPECT_EQ(shown(quote).state, api::LeaseState::checking);
  ASSERT_EQ(link_.wishes.size(), 1u);
  EXPECT_EQ(link_.wishes[0].want, api::Wanted::running);
  EXPECT_EQ(link_.wishes[0].terms, quote.terms);
  EXPECT_EQ(link_.wishes[0].ssh_key, quote.ssh_key);

  engine_->host_said(host_.public_key(), running(quote, host_));
  engine_->pump();
  EXPECT_TRUE(logins_.checked);
  EXPECT_EQ(shown(quote).state, api::LeaseState::active);
  EXPECT_EQ(chain_.lease(quote.lease)->state, escrow::State::active);
  EXPECT_EQ(link_.wishes.back().want, api::Wanted::open);
  EXPECT_TRUE(shown(quote).signatures.ready.has_value());

  pass(125);
  EXPECT_EQ(link_.attestations.size(), 2u);
  const api::Attestation newest = *shown(quote).attestation;
  EXPECT_EQ(newest.alive_until, static_cast<std::uint64_t>(kStart + 120));
  EXPECT_TRUE(
      base::verify(attestor_.public_key(),
                   escrow::encode_attestation({program_, quote.lease, newest.opened_slot,
                                               static_cast<std::int64_t>(newest.alive_until)}),
                   newest.signature));

  renter_stops(quote, escrow::StopHow::served);
  tick();
  EXPECT_EQ(shown(quote).state, api::LeaseState::ended);
  EXPECT_EQ(shown(quote).outcome, api::Outcome::stopped_by_renter);
  EXPECT_EQ(link_.wishes.back().want, api::Wanted::gone);
  EXPECT_TRUE(shown(quote).signatures.open && shown(quote).signatures.stop);
  expect_adds_up(quote);
  EXPECT_TRUE(store_.held_cards().value().empty());
  const auto history = engine_->outcomes({10}).value();
  ASSERT_EQ(history.entries.size(), 1u);
  EXPECT_EQ(history.entries[0].served_s, 125u);
}

// The operator changes the attestor: what was opened before is attested, made dark or settled by
// the key that it was opened with, what is opened later by the new one.
TEST_F(EngineTest, ALeaseKeepsTheAttestorThatItWasOpenedWith) {
  const lease::Quote before = registered(1, host_);
  make_active(before, host_);
  KeySigner next(71);
  fake::KeyAttestor next_watch(next);
  keys_ = {&next_watch, &watch_};
  boot();
  engine_->host_connected(host_.public_key());
  lease::Quote after = quote(2, other_host_);
  after.attestor = next.public_key();
  after.expires_at_s += 60;
  ASSERT_TRUE(engine_->register_quote(after).ok());
  make_active(after, other_host_);
  pass(130);
  const auto signed_by = [&](const lease::Quote& quote, const KeySigner& signer) {
    const auto newest = shown(quote).attestation;
    return newest && base::verify(signer.public_key(),
                                  escrow::encode_attestation(
                                      {program_, quote.lease, newest->opened_slot,
                                       static_cast<std::int64_t>(newest->alive_until)}),
                                  newest->signature);
  };
  EXPECT_TRUE(signed_by(before, attestor_));
  EXPECT_TRUE(signed_by(after, next));

  logins_.down.insert(host_.public_key());
  watch_.finds_dark = false;
  for (int i = 0; i < 200 && watch_.asked_dark == 0; ++i) pass(1);
  EXPECT_EQ(watch_.asked_dark, 1);
  EXPECT_EQ(shown(before).state, api::LeaseState::active) << "whom the watch does not find dark";
  watch_.finds_dark = true;
  pass(60);
  EXPECT_EQ(shown(before).state, api::LeaseState::ended);
  EXPECT_EQ(shown(before).outcome, api::Outcome::host_dark) << "stopped by the old key";
  expect_adds_up(before);
  renter_stops(after, escrow::StopHow::served);
  tick();
  EXPECT_EQ(shown(after).outcome, api::Outcome::stopped_by_renter);
  expect_adds_up(after);
}

TEST_F(EngineTest, WithoutItsKeyALeaseRunsAndItsOperatorIsTold) {
  const lease::Quote quote = registered();
  make_active(quote, host_);
  KeySigner next(71);
  fake::KeyAttestor next_watch(next);
  keys_ = {&next_watch};
  boot();
  pass(130);
  EXPECT_EQ(shown(quote).state, api::LeaseState::active);
  EXPECT_FALSE(shown(quote).attestation.has_value());
  EXPECT_TRUE(std::ranges::any_of(log_, [&](const std::string& line) {
    return line.find(attestor_.public_key().to_string()) != std::string::npos;
  }));
  keys_ = {&next_watch, &watch_};
  boot();
  pass(130);
  EXPECT_TRUE(shown(quote).attestation.has_value()) << "the key is back";
  renter_stops(quote, escrow::StopHow::served);
  tick();
  expect_adds_up(quote);
}

TEST_F(EngineTest, MachineIsMadeBeforeThePaymentIsConfirmed) {
  const lease::Quote quote = registered();
  chain_.hold();
  chain_.open(quote.lease, lease::testing::account_of(quote));
  engine_->pump();
  EXPECT_EQ(shown(quote).state, api::LeaseState::preparing);
  engine_->host_said(host_.public_key(), running(quote, host_));
  tick();
  EXPECT_EQ(shown(quote).state, api::LeaseState::preparing);
  EXPECT_EQ(logins_.count, 0);
  chain_.confirm();
  tick();
  EXPECT_EQ(shown(quote).state, api::LeaseState::active);
}

TEST_F(EngineTest, PaidWhileTheMarketWasAwayIsServed) {
  const lease::Quote quote = registered();
  engine_.reset();
  chain_.open(quote.lease, lease::testing::account_of(quote));
  chain_.advance_s(40);
  boot();
  EXPECT_EQ(shown(quote).state, api::LeaseState::checking);
  EXPECT_EQ(link_.wishes.back().want, api::Wanted::running);
  // Away for longer than the quote lasts and the deadline allows: nothing but the money back.
  const lease::Quote late = registered(2);
  engine_.reset();
  chain_.open(late.lease, lease::testing::account_of(late));
  chain_.advance_s(200);
  boot();
  tick();
  EXPECT_EQ(shown(late).state, api::LeaseState::ended);
  EXPECT_EQ(shown(late).outcome, api::Outcome::not_ready);
  EXPECT_FALSE(chain_.lease(late.lease).has_value());
}

TEST_F(EngineTest, PaidAndCancelledWhileTheMarketWasAwayIsOnRecord) {
  for (const bool by_renter : {true, false}) {
    const lease::Quote quote = registered(by_renter ? 1 : 2);
    if (!by_renter) {
      chain_.hold();  // seen, and gone before it was confirmed for us
      chain_.open(quote.lease, lease::testing::account_of(quote));
      engine_->pump();
      EXPECT_EQ(shown(quote).state, api::LeaseState::preparing);
      engine_.reset();
      chain_.confirm();
    } else {
      engine_.reset();
      chain_.open(quote.lease, lease::testing::account_of(quote));
    }
    chain_.advance_s(130);
    const auto accounts = escrow::accounts_of(quote.lease, *chain_.lease(quote.lease));
    const auto payer = by_renter ? quote.renter : host_.public_key();
    ASSERT_TRUE(chain_.submit(payer, {escrow::encode_cancel(program_, accounts, by_renter)}).ok());
    boot();
    tick();
    EXPECT_EQ(shown(quote).state, api::LeaseState::ended);
    EXPECT_EQ(shown(quote).outcome, by_renter ? api::Outcome::cancelled : api::Outcome::not_ready);
    EXPECT_EQ(shown(quote).refunded_lamports->count, quote.price.count + escrow::kBondLamports);
    EXPECT_TRUE(shown(quote).opened_slot.has_value());
    EXPECT_TRUE(store_.held_cards().value().empty());
    EXPECT_EQ(engine_->leases_of(quote.renter, {}, 9)->leases.size(), by_renter ? 1u : 2u);
    quotes_from_ = 100'000 + 130;
  }
}

TEST_F(EngineTest, WhatNoPushToldIsFoundOnReconnect) {
  const lease::Quote never_registered = quote(9, host_);
  chain_.mute();
  chain_.open(never_registered.lease, lease::testing::account_of(never_registered));
  tick();
  EXPECT_EQ(engine_->strays().count(), 0u);
  chain_.reconnect();
  tick();
  EXPECT_EQ(engine_->strays().count(), 1u);
}

TEST_F(EngineTest, AForkTakesItBack) {
  const lease::Quote quote = registered();
  chain_.hold();
  chain_.open(quote.lease, lease::testing::account_of(quote));
  engine_->pump();
  chain_.drop_fork();
  tick();
  EXPECT_EQ(shown(quote).state, api::LeaseState::quoted);
  EXPECT_EQ(link_.wishes.back().want, api::Wanted::gone);
}

TEST_F(EngineTest, HostThatNeverAnswersGivesEverythingBack) {
  const lease::Quote quote = registered();
  pay(quote);
  pass(62);
  EXPECT_EQ(shown(quote).state, api::LeaseState::ended);
  EXPECT_EQ(shown(quote).outcome, api::Outcome::not_ready);
  EXPECT_EQ(shown(quote).refunded_lamports->count, quote.price.count + escrow::kBondLamports);
  EXPECT_EQ(shown(quote).host_lamports->count, 0u);
}

TEST_F(EngineTest, UnpaidQuoteLetsItsCardsGo) {
  const lease::Quote quote = registered();
  pass(64);
  EXPECT_EQ(shown(quote).state, api::LeaseState::quoted);
  pass(3);
  EXPECT_EQ(shown(quote).state, api::LeaseState::ended);
  EXPECT_TRUE(store_.held_cards().value().empty());
}

TEST_F(EngineTest, AForeignLeaseIsCancelledAndNeverServed) {
  const lease::Quote never_registered = quote(7, host_);
  pay(never_registered);
  EXPECT_TRUE(link_.wishes.empty());
  EXPECT_EQ(engine_->strays().count(), 1u);
  EXPECT_FALSE(engine_->strays().help_one());
  pass(61);
  EXPECT_TRUE(engine_->strays().help_one());
  EXPECT_FALSE(chain_.lease(never_registered.lease).has_value());
  EXPECT_EQ(logins_.count, 0);
}

// Somebody's money waits: the next look at all accounts may be a minute away.
TEST_F(EngineTest, AForeignLeaseIsTriedAgainSoonWhereTheChainDidNotAnswer) {
  const lease::Quote never_registered = quote(7, host_);
  pay(never_registered);
  pass(61);
  chain_.set_down(true);
  EXPECT_TRUE(engine_->strays().help_one());
  chain_.set_down(false);
  EXPECT_FALSE(engine_->strays().help_one()) << "not at once";
  pass(2 * Strays::kAgainAfterS);
  EXPECT_TRUE(engine_->strays().help_one());
  EXPECT_FALSE(chain_.lease(never_registered.lease).has_value());
}

// Strangers make strays; what sending them back may cost is bounded.
TEST_F(EngineTest, StraysAreSentBackWithinABudget) {
  constexpr int kMany = Strays::kBudget + 3;
  for (int i = 0; i < kMany; ++i) pay(quote(100 + static_cast<std::uint64_t>(i), host_));
  pass(61);
  int helped = 0;
  while (engine_->strays().help_one()) ++helped;
  EXPECT_EQ(helped, Strays::kBudget);
  chain_.advance_s(2 * Strays::kRefillEveryS);
  tick();
  while (engine_->strays().help_one()) ++helped;
  EXPECT_EQ(helped, Strays::kBudget + 2);
}

TEST_F(EngineTest, AnotherPriceAtTheQuotedAddressIsNotServed) {
  const lease::Quote quote = registered();
  auto account = lease::testing::account_of(quote);
  account.rate = 1;
  chain_.open(quote.lease, account);
  tick();
  EXPECT_EQ(shown(quote).state, api::LeaseState::ended);
  EXPECT_TRUE(link_.wishes.empty());
  EXPECT_TRUE(store_.held_cards().value().empty());
  tick();
  pass(61);
  EXPECT_TRUE(engine_->strays().help_one());
  EXPECT_FALSE(chain_.lease(quote.lease).has_value());
}

TEST_F(EngineTest, AForeignMarketAtTheQuotedAddressHoldsNoCards) {
  const lease::Quote quote = registered();
  auto account = lease::testing::account_of(quote);
  account.market.words[0] ^= 1;
  chain_.open(quote.lease, account);
  tick();
  EXPECT_EQ(shown(quote).state, api::LeaseState::ended);
  EXPECT_TRUE(store_.held_cards().value().empty());
}

TEST_F(EngineTest, DarkHostIsPaidToItsLastProofExactly) {
  const lease::Quote quote = registered();
  make_active(quote, host_);
  pass(200);  // past the watch's own gap limit
  const auto proven = shown(quote).attestation->alive_until;
  logins_.down.insert(host_.public_key());
  pass(140);
  EXPECT_EQ(shown(quote).state, api::LeaseState::ended);
  EXPECT_EQ(shown(quote).outcome, api::Outcome::host_dark);
  const auto served = proven - static_cast<std::uint64_t>(kStart);
  EXPECT_EQ(served, 180u);
  std::uint64_t earned = 0;
  ASSERT_TRUE(escrow::earned(quote.rate_lamports_per_hour, served, earned));
  EXPECT_EQ(shown(quote).host_lamports->count + shown(quote).fee_lamports->count, earned);
  expect_adds_up(quote);
}

TEST_F(EngineTest, ARunningLeaseIsStoppedForAnotherCardAndNotForOneThatIsNotShown) {
  const lease::Quote quote = registered();
  make_active(quote, host_);
  logins_.worse = lease::LoginProblem::card_missing;
  pass(1200);
  EXPECT_EQ(shown(quote).state, api::LeaseState::active) << "its renter may have done that";
  logins_.worse = lease::LoginProblem::wrong_card;
  pass(1200);
  EXPECT_NE(shown(quote).state, api::LeaseState::active);
  EXPECT_EQ(life(quote).outcome, lease::Outcome::host_dark);
}

TEST_F(EngineTest, ACardShowsItselfBeforeTheMeterStarts) {
  FakeCards cards;
  engine_->check_cards_by(cards);
  const lease::Quote quote = registered();
  pay(quote);
  EXPECT_EQ(cards.asked, 1) << "while the machine is made";
  engine_->host_said(host_.public_key(), testing::running(quote, host_));
  pass(3);
  EXPECT_NE(shown(quote).state, api::LeaseState::active);
  cards.answer.check = CardCheck::good;
  pass(3);
  EXPECT_EQ(shown(quote).state, api::LeaseState::active);
}

TEST_F(EngineTest, AWrongCardGivesEverythingBackAtOnce) {
  FakeCards cards;
  cards.answer = {CardCheck::wrong, "It hangs."};
  engine_->check_cards_by(cards);
  const lease::Quote quote = registered();
  pay(quote);
  engine_->host_said(host_.public_key(), testing::running(quote, host_));
  pass(3);
  EXPECT_EQ(life(quote).outcome, lease::Outcome::not_ready);
  EXPECT_NE(shown(quote).message.find("It hangs."), std::string::npos) << shown(quote).message;
}

TEST_F(EngineTest, HostIsNotDarkWhileAnotherHostIsSilentToo) {
  const lease::Quote first = registered(1, host_);
  const lease::Quote second = registered(2, other_host_);
  make_active(first, host_);
  make_active(second, other_host_);
  pass(200);
  logins_.down = {host_.public_key(), other_host_.public_key()};
  pass(300);
  EXPECT_EQ(shown(first).state, api::LeaseState::active) << "perhaps the watch is cut off";
  EXPECT_EQ(shown(second).state, api::LeaseState::active);
  logins_.down = {host_.public_key()};
  pass(120);
  EXPECT_EQ(shown(first).outcome, api::Outcome::host_dark);
  EXPECT_EQ(shown(second).state, api::LeaseState::active);
  EXPECT_GE(static_cast<base::UnixSeconds>(shown(second).attestation->alive_until) + 60,
            engine_->chain_now())
      << "and the silence of the second is made good";
}

TEST_F(EngineTest, RunsToTheEndAndPaysAll) {
  const lease::Quote quote = registered();
  make_active(quote, host_);
  pass(70);
  warp(3600);
  tick();
  EXPECT_EQ(shown(quote).state, api::LeaseState::ended);
  EXPECT_EQ(shown(quote).outcome, api::Outcome::ran_to_the_end);
  EXPECT_EQ(shown(quote).host_lamports->count + shown(quote).fee_lamports->count,
            quote.price.count);
  EXPECT_EQ(shown(quote).refunded_lamports->count, escrow::kBondLamports);
}

TEST_F(EngineTest, ContestedStopOfAWellHostIsProvenAtOnce) {
  const lease::Quote quote = registered();
  make_active(quote, host_);
  engine_.reset();  // the watch is down for ten minutes
  chain_.advance_s(600);
  renter_stops(quote, escrow::StopHow::dispute);
  EXPECT_EQ(chain_.lease(quote.lease)->state, escrow::State::closing);
  boot();
  tick();
  EXPECT_EQ(shown(quote).state, api::LeaseState::ended);
  EXPECT_EQ(shown(quote).outcome, api::Outcome::stopped_by_renter);
  EXPECT_EQ(life(quote).proven_until_s - life(quote).started_at_s, 600);
  expect_adds_up(quote);
}

TEST_F(EngineTest, ContestedAndDarkIsFinishedAfterTheWindow) {
  const lease::Quote quote = registered();
  make_active(quote, host_);
  logins_.down.insert(host_.public_key());
  chain_.advance_s(600);
  renter_stops(quote, escrow::StopHow::dispute);
  tick();
  EXPECT_EQ(shown(quote).state, api::LeaseState::contested);
  pass(15);
  EXPECT_EQ(link_.wishes.back().want, api::Wanted::gone);
  warp(quote.claim_window_s);
  EXPECT_EQ(shown(quote).state, api::LeaseState::ended);
  EXPECT_EQ(shown(quote).host_lamports->count, 0u);
  expect_adds_up(quote);
}

// Its host did not claim, and is paid what it can prove all the same.
TEST_F(EngineTest, FinishedAfterTheWindowWithWhatIsProven) {
  const lease::Quote quote = registered();
  make_active(quote, host_);
  pass(65);
  const auto proven = life(quote).attestation->alive_until - life(quote).started_at_s;
  ASSERT_GT(proven, 0);
  logins_.down.insert(host_.public_key());
  chain_.advance_s(300);
  renter_stops(quote, escrow::StopHow::dispute);
  tick();
  pass(15);
  EXPECT_EQ(shown(quote).state, api::LeaseState::contested);
  warp(quote.claim_window_s);
  EXPECT_EQ(shown(quote).state, api::LeaseState::ended);
  EXPECT_EQ(shown(quote).host_lamports->count + shown(quote).fee_lamports->count,
            quote.rate_lamports_per_hour * static_cast<std::uint64_t>(proven) / 3600);
  expect_adds_up(quote);
}

// A node that does not know of the stop yet has nothing to claim in. That is not the end of it.
TEST_F(EngineTest, AClaimIsTriedUntilTheStopIsThere) {
  const lease::Quote quote = registered();
  make_active(quote, host_);
  Settle settle({chain_, clock_, watch_, program_, {}, [](int) {}});
  const auto early = settle.claim(quote.lease, life(quote).attestation, {});
  ASSERT_FALSE(early.ok());
  EXPECT_EQ(early.error().code, base::Code::conflict);
}

TEST_F(EngineTest, ReconnectedHostHearsEverythingAgain) {
  const lease::Quote quote = registered();
  link_.up = false;
  pay(quote);
  EXPECT_TRUE(link_.wishes.empty());
  link_.up = true;
  engine_->host_connected(host_.public_key());
  ASSERT_EQ(link_.wishes.size(), 1u);
  EXPECT_EQ(link_.wishes[0].want, api::Wanted::running);
  // A host that was away at the end is told when it speaks of the lease.
  link_.up = false;
  pass(62);
  link_.up = true;
  link_.wishes.clear();
  engine_->host_said(host_.public_key(), running(quote, host_));
  ASSERT_EQ(link_.wishes.size(), 1u);
  EXPECT_EQ(link_.wishes[0].want, api::Wanted::gone);
}

TEST_F(EngineTest, HostsCannotSpeakForOthers) {
  const lease::Quote quote = registered();
  pay(quote);
  engine_->host_said(other_host_.public_key(), running(quote, other_host_));
  auto unsigned_key = running(quote, host_);
  unsigned_key.ssh->host_key_signature.bytes[0] ^= 1;
  engine_->host_said(host_.public_key(), unsigned_key);
  auto option = running(quote, host_);
  option.ssh->address = "-oProxyCommand=x";
  engine_->host_said(host_.public_key(), option);
  engine_->pump();
  EXPECT_EQ(shown(quote).state, api::LeaseState::checking);
  EXPECT_EQ(logins_.count, 0);
}

TEST_F(EngineTest, SubscribersHearEverythingOnceAndInOrder) {
  const lease::Quote quote = registered();
  pay(quote);
  std::vector<std::string> kinds;
  std::uint64_t last = 0;
  auto first = engine_->subscribe(quote.lease, 0, [&](const api::LeaseEvent& event) {
    EXPECT_GT(event.seq, last);
    last = event.seq;
    kinds.push_back(event.kind);
    return Leases::Heard::yes;
  });
  engine_->pump();
  engine_->host_said(host_.public_key(), running(quote, host_));
  engine_->pump();
  EXPECT_EQ(kinds, (std::vector<std::string>{"open_seen", "open_confirmed", "host_running",
                                             "login_worked", "ready_confirmed"}));
  int later = 0;
  auto second = engine_->subscribe(quote.lease, last, [&](const api::LeaseEvent&) {
    ++later;
    return Leases::Heard::yes;
  });
  engine_->pump();
  EXPECT_EQ(later, 0);
  first.reset();
  renter_stops(quote, escrow::StopHow::served);
  tick();
  EXPECT_EQ(kinds.size(), 5u);
  EXPECT_EQ(later, 2);
}

TEST_F(EngineTest, WhatAHostSaysOfItsRunningLeaseIsAnEventOfIt) {
  const lease::Quote quote = registered();
  std::vector<std::pair<std::string, std::string>> heard;
  auto listener = engine_->subscribe(quote.lease, 0, [&](const api::LeaseEvent& event) {
    if (event.kind == "trouble" || event.kind == "idle") {
      heard.emplace_back(event.kind, event.message);
      EXPECT_EQ(event.lease.state, api::LeaseState::active);
    }
    return Leases::Heard::yes;
  });
  api::HostTrouble trouble{"trouble", quote.lease, "disk_full", {}, "Its disk is\x1b full.", false,
                           1};
  engine_->host_troubled(host_.public_key(), trouble);
  make_active(quote, host_);
  engine_->host_troubled(base::Keypair::random().public_key(), trouble);
  engine_->pump();
  EXPECT_TRUE(heard.empty()) << "it did not run, or is another's";
  engine_->host_troubled(host_.public_key(), trouble);
  trouble.kind = "idle";
  engine_->host_troubled(host_.public_key(), trouble);
  engine_->pump();
  ASSERT_EQ(heard.size(), 2u);
  EXPECT_EQ(heard[0],
            std::pair(std::string("trouble"), std::string("The host says: Its disk is? full.")));
  EXPECT_EQ(heard[1].first, "idle");
  for (std::size_t i = 0; i < 2 * kTroublesPerHour; ++i) {
    engine_->host_troubled(host_.public_key(), trouble);
  }
  engine_->pump();
  EXPECT_EQ(heard.size(), kTroublesPerHour);
}

TEST_F(EngineTest, NothingIsDecidedWhileTheChainIsDown) {
  const lease::Quote quote = registered();
  make_active(quote, host_);
  pass(200);
  logins_.down.insert(host_.public_key());
  chain_.set_down(true);
  for (int i = 0; i < 300; ++i) {
    clock_.advance_ms(1000);
    tick();
  }
  EXPECT_FALSE(engine_->chain_answers());
  EXPECT_EQ(shown(quote).state, api::LeaseState::active);
  chain_.set_down(false);
  logins_.down.clear();
  chain_.advance_s(300);
  tick();
  EXPECT_EQ(shown(quote).attestation->alive_until,
            static_cast<std::uint64_t>(engine_->chain_now()));
}

// Killed right before each write of a whole rental in turn, and started again: the same lease goes
// on, and the money comes out the same.
TEST_F(EngineTest, SurvivesAKillAtEveryWrite) {
  int deaths = 0;
  for (int at = 0; deaths == at; ++at) {
    SCOPED_TRACE(at);
    const auto nonce = static_cast<std::uint64_t>(1000 + at);
    bool dead = false;
    store_.on_death = [&] {
      dead = true;
      chain_.set_down(true);
      link_.up = false;
    };
    const auto revive = [&] {
      if (!dead) return;
      ++deaths;
      dead = false;
      store_.writes_left = -1;
      chain_.set_down(false);
      link_.up = true;
      boot();
      engine_->host_connected(host_.public_key());
    };
    lease::Quote quote = this->quote(nonce, host_);
    quote.expires_at_s = engine_->chain_now() + 60;
    ASSERT_TRUE(engine_->register_quote(quote).ok());
    store_.writes_left = at;
    pay(quote);
    revive();
    engine_->host_said(host_.public_key(), running(quote, host_));
    tick();
    revive();
    // A host says again where it stands when it is connected again.
    engine_->host_said(host_.public_key(), running(quote, host_));
    pass(3);
    revive();
    ASSERT_EQ(shown(quote).state, api::LeaseState::active);
    pass(65);
    revive();
    pass(65);
    ASSERT_TRUE(shown(quote).attestation.has_value());
    renter_stops(quote, escrow::StopHow::served);
    tick();
    revive();
    pass(12);
    revive();
    ASSERT_EQ(shown(quote).state, api::LeaseState::ended);
    EXPECT_EQ(shown(quote).outcome, api::Outcome::stopped_by_renter);
    EXPECT_EQ(link_.wishes.back().want, api::Wanted::gone);
    EXPECT_TRUE(shown(quote).signatures.ready.has_value());
    expect_adds_up(quote);
    EXPECT_FALSE(store_.outbox_next_due_ms().value().has_value()) << "no work is left";
    store_.writes_left = -1;
  }
  EXPECT_GT(deaths, 15);
}

// A host that comes back while the store does not answer is told as soon as it does.
TEST_F(EngineTest, AWishThatCannotBeReadIsSentLater) {
  const lease::Quote quote = registered();
  make_active(quote, host_);
  pass(65);
  link_.wishes.clear();
  link_.attestations.clear();
  store_.reads_fail = true;
  engine_->host_connected(host_.public_key());
  engine_->pump();
  EXPECT_TRUE(link_.wishes.empty());
  store_.reads_fail = false;
  pass(2);
  ASSERT_FALSE(link_.wishes.empty());
  EXPECT_EQ(link_.wishes.back().want, api::Wanted::open);
  EXPECT_FALSE(link_.attestations.empty());
}

// Amounts are sums over all that happened: one transaction that a node does not show yet would be
// missing in them.
TEST_F(EngineTest, AmountsWaitForEveryTransaction) {
  const lease::Quote quote = registered();
  make_active(quote, host_);
  pass(65);
  chain_.hide_transactions(3);
  renter_stops(quote, escrow::StopHow::served);
  tick();
  EXPECT_EQ(shown(quote).state, api::LeaseState::stopping);
  pass(2);
  EXPECT_EQ(shown(quote).state, api::LeaseState::ended);
  expect_adds_up(quote);
}

TEST_F(EngineTest, AmountsThatNobodyShowsAreNotGuessed) {
  const lease::Quote quote = registered();
  make_active(quote, host_);
  chain_.hide_transactions(1'000);
  renter_stops(quote, escrow::StopHow::served);
  pass(150);
  EXPECT_EQ(shown(quote).state, api::LeaseState::ended);
  EXPECT_FALSE(shown(quote).host_lamports.has_value());
}

// A stop that was forwarded by us ends attestations before it lands.
TEST_F(EngineTest, ForwardedStopEndsAttestations) {
  const lease::Quote quote = registered();
  make_active(quote, host_);
  engine_->stop_forwarded(quote.lease);
  engine_->pump();
  pass(70);
  for (const api::MarketAttestation& given : link_.attestations) {
    EXPECT_LE(given.attestation.alive_until, static_cast<std::uint64_t>(kStart));
  }
}

}  // namespace
}  // namespace obelisk::engine
