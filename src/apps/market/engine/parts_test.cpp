// The engine's small parts, each alone.
#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>

#include "adapters/clock/system_clock.hpp"
#include "adapters/fake/fake_clock.hpp"
#include "adapters/fake/key_attestor.hpp"
#include "adapters/fake/memory_store.hpp"
#include "apps/market/engine/attestor.hpp"
#include "apps/market/engine/chain_view.hpp"
#include "apps/market/engine/closing.hpp"
#include "apps/market/engine/control.hpp"
#include "apps/market/engine/outbox.hpp"
#include "base/crypto.hpp"
#include "core/lease/testing.hpp"

namespace obelisk::engine {
namespace {

using lease::testing::key;

std::string data_line(escrow::Tag tag, escrow::State state, const base::PublicKey& lease) {
  escrow::Event event{};
  event.magic = escrow::kEventMagic;
  event.tag = tag;
  event.state = state;
  event.lease = escrow::to_key(lease);
  event.to_host = 5;
  return "Program data: " + base::to_base64(escrow::encode_event(event));
}

TEST(Closing, OnlyOurProgramsLinesCount) {
  const std::string ours = key(1).to_string();
  const std::string other = key(2).to_string();
  const std::string line = data_line(escrow::Tag::stop, escrow::State::closed, key(3));
  using Logs = std::vector<std::string>;
  const auto count = [](const Logs& logs) { return events_in(logs, key(1)).size(); };
  EXPECT_EQ(count({"Program " + ours + " invoke [1]", line, "Program " + ours + " success"}), 1u);
  EXPECT_EQ(count({"Program " + other + " invoke [1]", line, "Program " + other + " success"}), 0u);
  EXPECT_EQ(count({line}), 0u);
  // Called by another program, and that one logging the same after it.
  EXPECT_EQ(count({"Program " + other + " invoke [1]", "Program " + ours + " invoke [2]", line,
                   "Program " + ours + " success", line, "Program " + other + " success"}),
            1u);
  // A program that writes our lines as text stays itself.
  EXPECT_EQ(count({"Program " + other + " invoke [1]",
                   "Program log: Program " + ours + " invoke [2]", line}),
            0u);
  // What a failed inner call leaves open is closed with it.
  EXPECT_EQ(count({"Program " + other + " invoke [1]", "Program " + ours + " invoke [2]",
                   "Program " + ours + " failed: custom program error: 0x6e", line}),
            0u);
  EXPECT_EQ(count({"Program " + ours + " invoke [1]", "Program data: !!!", "Program data: AAAA",
                   "Log truncated"}),
            0u);
}

lease::ChainStep chain_step(escrow::Tag tag, escrow::State after, std::uint64_t to_host,
                            std::uint64_t to_renter) {
  lease::ChainStep out;
  out.signature.bytes.fill(static_cast<std::uint8_t>(tag));
  out.event.tag = tag;
  out.event.state = after;
  out.event.to_host = to_host;
  out.event.to_treasury = to_host / 10;
  out.event.to_renter = to_renter;
  return out;
}

TEST(Close, SumsEveryPaymentAndNamesTheFirstEnd) {
  using escrow::State;
  using escrow::Tag;
  auto dark = chain_step(Tag::stop, State::closing, 100, 400);
  dark.how = escrow::StopHow::dark;
  const auto facts = lease::summarize({chain_step(Tag::open, State::funded, 0, 0),
                                       chain_step(Tag::ready, State::active, 0, 0),
                                       chain_step(Tag::claim, State::active, 50, 0), dark,
                                       chain_step(Tag::finish, State::closed, 0, 30)});
  EXPECT_EQ(facts.outcome, lease::Outcome::host_dark) << "not what closed it in the end";
  EXPECT_EQ(facts.to_host->count, 150u);
  EXPECT_EQ(facts.to_treasury->count, 15u);
  EXPECT_EQ(facts.to_renter->count, 430u);
  EXPECT_EQ(facts.ready_signature->bytes[0], static_cast<std::uint8_t>(Tag::ready));
  EXPECT_EQ(facts.close_signature->bytes[0], static_cast<std::uint8_t>(Tag::finish));
}

TEST(Close, AmountsAreNeverGuessed) {
  using escrow::State;
  using escrow::Tag;
  // Without the open, or without the close, something is missing.
  EXPECT_FALSE(lease::summarize({chain_step(Tag::stop, State::closed, 1, 1)}).to_host);
  EXPECT_FALSE(lease::summarize({chain_step(Tag::open, State::funded, 0, 0)}).to_host);
  EXPECT_FALSE(lease::summarize({}).close_signature);
  const auto overflow = lease::summarize({chain_step(Tag::open, State::funded, 0, 0),
                                          chain_step(Tag::claim, State::active, 0, ~0ull),
                                          chain_step(Tag::stop, State::closed, 0, 1)});
  EXPECT_FALSE(overflow.to_renter);
  auto cancel = chain_step(Tag::cancel, State::closed, 0, 9);
  EXPECT_EQ(lease::summarize({cancel}).outcome, lease::Outcome::not_ready);
  cancel.renter_signed = true;
  EXPECT_EQ(lease::summarize({cancel}).outcome, lease::Outcome::cancelled);
}

class BadSigner final : public ports::Signer {
 public:
  const base::PublicKey& public_key() const override { return key_; }
  base::Signature sign(base::ByteView) override { return {}; }

 private:
  base::PublicKey key_ = key(9);
};

TEST(Attestor, NeverGivesAwayAStatementThatIsNotValid) {
  BadSigner bad;
  fake::KeyAttestor watch(bad);
  EXPECT_EQ(attest(watch, {key(1), key(2), 3, 4}).error().code, base::Code::internal);
  watch.away = true;
  EXPECT_EQ(attest(watch, {key(1), key(2), 3, 4}).error().code, base::Code::unreachable);
}

TEST(Control, AnotherHostMustHaveAnsweredLately) {
  Control control;
  EXPECT_FALSE(control.another_host_answered(key(1), 0));
  control.login_worked(key(1), 1000);
  EXPECT_FALSE(control.another_host_answered(key(1), 1000)) << "not the host in question";
  EXPECT_TRUE(control.another_host_answered(key(2), 61'000));
  EXPECT_FALSE(control.another_host_answered(key(2), 61'001));
}

TEST(OutboxTest, DoesWorkWhenItIsDueAndAgainUntilItIsDone) {
  fake::MemoryStore store;
  fake::FakeClock clock;
  const lease::Quote quote = lease::testing::make_quote();
  ASSERT_TRUE(store.insert_quote(quote).ok());
  lease::Effect effect;
  effect.kind = lease::EffectKind::log_in;
  effect.attempt = 7;
  effect.check_card = true;
  effect.delay_ms = 250;
  const auto row = to_row(effect, quote.lease, 3, 1, clock.now_ms());
  ports::LeaseWrite write{quote.lease, 0, {}, {}, {row}};
  ASSERT_TRUE(*store.apply(write));
  int runs = 0;
  Outbox outbox(store, clock, [&](const ports::OutboxRow& due) {
    const auto read = effect_of(due);
    EXPECT_TRUE(read && read->attempt == 7 && read->check_card);
    EXPECT_EQ(due.attempts, static_cast<std::uint32_t>(runs));
    return ++runs < 3 ? WorkResult::again_in(1000) : WorkResult::done();
  });
  ASSERT_TRUE(outbox.load().ok());
  EXPECT_FALSE(outbox.pump()) << "not yet";
  clock.advance_ms(250);
  EXPECT_TRUE(outbox.pump());
  EXPECT_FALSE(outbox.pump());
  EXPECT_EQ(store.outbox_due(clock.now_ms() + 1000, 9)->size(), 1u) << "still remembered";
  clock.advance_ms(1000);
  EXPECT_TRUE(outbox.pump());
  clock.advance_ms(1000);
  EXPECT_TRUE(outbox.pump());
  EXPECT_EQ(runs, 3);
  EXPECT_TRUE(store.outbox_due(clock.now_ms() + 100'000, 9)->empty());
}

// What a worker hands on while everything ends may be dropped: the work has to be found again.
TEST(OutboxTest, WhatEndsInAShutdownIsDoneAgain) {
  fake::MemoryStore store;
  fake::FakeClock clock;
  const lease::Quote quote = lease::testing::make_quote();
  ASSERT_TRUE(store.insert_quote(quote).ok());
  lease::Effect effect;
  effect.kind = lease::EffectKind::attest;
  const auto row = to_row(effect, quote.lease, 3, 1, clock.now_ms());
  ASSERT_TRUE(*store.apply({quote.lease, 0, {}, {}, {row}}));
  Outbox* running = nullptr;
  Outbox outbox(store, clock, [&](const ports::OutboxRow&) {
    running->freeze();
    return WorkResult::done();
  });
  running = &outbox;
  ASSERT_TRUE(outbox.load().ok());
  EXPECT_TRUE(outbox.pump());
  EXPECT_EQ(store.outbox_due(clock.now_ms(), 9)->size(), 1u);
}

TEST(OutboxTest, HistoriesThatStrangersMakeLongDelayNothing) {
  for (int i = 0; i < lease::kEffectKinds; ++i) {
    const auto kind = static_cast<lease::EffectKind>(i);
    EXPECT_EQ(lane_of({kind}) == Lane::history, kind == lease::EffectKind::read_close);
  }
}

// The promise of 60 s has nothing before it but its like.
TEST(OutboxTest, WhatLeadsToReadyHasLanesOfItsOwn) {
  for (int i = 0; i < lease::kEffectKinds; ++i) {
    const auto kind = static_cast<lease::EffectKind>(i);
    EXPECT_EQ(lane_of({kind}) == Lane::ready, kind == lease::EffectKind::send_ready);
  }
  lease::Effect login{lease::EffectKind::log_in};
  EXPECT_EQ(lane_of(login), Lane::login);
  login.check_card = true;
  EXPECT_EQ(lane_of(login), Lane::check);
}

TEST(OutboxTest, AClockThatIsSetMovesNothing) {
  fake::MemoryStore store;
  fake::FakeClock clock;
  int runs = 0;
  Outbox outbox(store, clock, [&](const ports::OutboxRow&) {
    ++runs;
    return WorkResult::again_in(1000);
  });
  outbox.add(to_row({lease::EffectKind::attest}, key(1), 1, 0, clock.now_ms() + 86'400'000));
  clock.step_wall_ms(-3'600'000);
  clock.advance_ms(kLongestWaitMs);
  EXPECT_TRUE(outbox.pump()) << "a row from a day ahead waits half a minute at most";
  clock.step_wall_ms(-3'600'000);
  clock.advance_ms(1000);
  EXPECT_TRUE(outbox.pump());
  EXPECT_EQ(runs, 2);
}

TEST(OutboxTest, ASlowHostKeepsItsOwnLoginsWaitingAndNobodyElses) {
  fake::MemoryStore store;
  clock::SystemClock clock;
  std::mutex mutex;
  std::condition_variable changed;
  int slow = 0;
  int most = 0;
  bool quick = false;
  bool over = false;
  Outbox outbox(
      store, clock,
      [&](const ports::OutboxRow& row) {
        std::unique_lock lock(mutex);
        if (row.lease == key(9)) {
          quick = true;
        } else {
          most = std::max(most, ++slow);
          changed.notify_all();
          changed.wait(lock, [&] { return over; });
          --slow;
        }
        changed.notify_all();
        return WorkResult::done();
      },
      [](const base::PublicKey& lease) { return lease == key(9) ? key(101) : key(100); });
  for (std::uint8_t i = 20; i < 80; ++i) {
    outbox.add(to_row({lease::EffectKind::log_in}, key(i), 1, 0, 0));
  }
  outbox.add(to_row({lease::EffectKind::log_in}, key(9), 1, 0, 0));
  outbox.start();
  std::unique_lock lock(mutex);
  EXPECT_TRUE(changed.wait_for(lock, std::chrono::seconds(30),
                               [&] { return quick && slow == kLoginsPerHost; }));
  over = true;
  changed.notify_all();
  lock.unlock();
  outbox.stop();
  EXPECT_EQ(most, kLoginsPerHost);
}

TEST(OutboxTest, EveryKindSurvivesItsRow) {
  for (int i = 0; i < lease::kEffectKinds; ++i) {
    lease::Effect effect;
    effect.kind = static_cast<lease::EffectKind>(i);
    effect.alive_until = 1'795'000'000;
    const auto back = effect_of(to_row(effect, key(1), 1, 0, 0));
    ASSERT_TRUE(back.has_value());
    EXPECT_EQ(*back, effect);
  }
  ports::OutboxRow broken;
  broken.kind = "nonsense";
  EXPECT_FALSE(effect_of(broken));
  broken.kind = "log_in";
  broken.payload = "1 x";
  EXPECT_FALSE(effect_of(broken));
}

TEST(OutboxTest, BackoffGrowsAndIsBounded) {
  EXPECT_EQ(backoff_ms(0), 250);
  EXPECT_EQ(backoff_ms(3), 2000);
  EXPECT_EQ(backoff_ms(1000), 30'000);
}

TEST(ChainView, WhatTheTimeMayBeFollowsOurClockWhileANodeIsBehind) {
  ChainView view;
  EXPECT_EQ(view.may_be_s(5'000), 0);
  view.saw_time({100, 1'000}, 50'000);
  EXPECT_EQ(view.may_be_s(50'000), 1'000);
  EXPECT_EQ(view.may_be_s(64'000), 1'014) << "no answer for 14 s";
  // One that shows no newer block proves no time that stood still.
  view.saw_time({101, 1'001}, 64'000);
  EXPECT_EQ(view.may_be_s(64'000), 1'014);
  EXPECT_EQ(view.time().unix_s, 1'001);
  EXPECT_EQ(view.may_be_s(164'000), 1'001 + watch::kMostBehindS) << "and no more than that";
  view.saw_time({500, 1'114}, 164'000);
  EXPECT_EQ(view.may_be_s(164'000), 1'114);
}

TEST(ChainView, ATimeThatFellBehindForGoodIsForgiven) {
  ChainView view;
  view.saw_time({100, 1'000}, 0);
  std::int64_t now_ms = 0;
  for (int i = 1; i <= 60; ++i) {
    now_ms += 5'000;
    view.saw_time({100 + static_cast<std::uint64_t>(i), 980 + 5 * i}, now_ms);  // 20 s late
  }
  EXPECT_EQ(view.may_be_s(now_ms), view.time().unix_s);
}

}  // namespace
}  // namespace obelisk::engine
