#include "core/watch/policy.hpp"

#include <gtest/gtest.h>

#include "core/watch/testing.hpp"

namespace obelisk::watch {
namespace {

using escrow::State;
using market::testing::key;
using testing::Example;
using testing::kNow;

// What it says where it refuses; empty where it signs.
template <class T>
std::string why_not(const base::Result<T>& result) {
  return result ? "" : result.error().message;
}

#define EXPECT_REFUSED(result, words) \
  EXPECT_NE(why_not(result).find(words), std::string::npos) << why_not(result)

struct QuotePolicy : ::testing::Test {
  template <class Change>
  base::Result<void> ask(Change change) {
    auto terms = example.terms;
    auto market = example.market;
    QuoteView view{&market, kNow, std::nullopt};
    change(terms, market, view);
    return may_quote(example.ground, example.attestor.public_key(), terms, example.hash, view);
  }
  Example example;
};

TEST_F(QuotePolicy, SignsWhatTheChainBears) {
  EXPECT_TRUE(ask([](auto&, auto&, auto&) {}));
  EXPECT_TRUE(ask([&](auto&, auto&, auto& view) { view.before = example.hash; })) << "once more";
}

TEST_F(QuotePolicy, RefusesEachOtherThing) {
  EXPECT_REFUSED(ask([](auto& t, auto&, auto&) { t.program = key(7); }), "another program");
  EXPECT_REFUSED(ask([](auto& t, auto&, auto&) { t.market = key(7); }), "another market");
  EXPECT_REFUSED(ask([](auto& t, auto&, auto&) { t.attestor = key(7); }), "names another attestor");
  EXPECT_REFUSED(ask([](auto&, auto&, auto& v) { v.account = nullptr; }), "does not show");
  EXPECT_REFUSED(ask([](auto&, auto& m, auto&) { m.attestor = escrow::to_key(key(7)); }),
                 "account names another");
  EXPECT_REFUSED(ask([](auto&, auto& m, auto&) { ++m.rev; }), "has changed");
  EXPECT_REFUSED(ask([](auto&, auto& m, auto&) { m.paused = 1; }), "paused");
  EXPECT_REFUSED(ask([](auto& t, auto&, auto&) { --t.fee_bps; }), "fee");
  EXPECT_REFUSED(ask([](auto& t, auto&, auto&) { t.expires_at = kNow; }), "not at all");
  EXPECT_REFUSED(ask([](auto& t, auto&, auto&) { t.expires_at = kNow + 121; }), "too long");
  EXPECT_REFUSED(ask([](auto&, auto&, auto& v) { v.before = base::Hash{}; }), "other terms");
}

struct ReadyPolicy : ::testing::Test {
  ReadyPolicy() {
    seen.lease = example.lease();
    seen.host = example.host.public_key();
    seen.terms_hash = example.hash;
    seen.ssh = example.ssh();
    seen.checked_ms = 1'000;
    view = {&account, &example.market, kNow + 5, &seen, 2'000};
  }
  base::Result<void> ask() { return may_ready(example.quoted(), 500, view); }
  template <class Change>
  base::Result<void> with(Change change) {
    const auto before = account;
    change(account);
    auto out = ask();
    account = before;
    return out;
  }
  Example example;
  escrow::Lease account = example.account();
  Seen seen;
  ReadyView view;
};

TEST_F(ReadyPolicy, SignsForWhatItQuotedAndSaw) {
  EXPECT_EQ(why_not(ask()), "");
  seen.served_slot = 500;
  EXPECT_TRUE(ask()) << "the same opening again: its first transaction may have expired";
  view.now_s = kNow + 60;
  EXPECT_TRUE(ask());
}

TEST_F(ReadyPolicy, RefusesAnAccountThatIsNotAsQuoted) {
  EXPECT_REFUSED(with([](auto& a) { a.treasury = escrow::to_key(key(7)); }), "treasury");
  EXPECT_REFUSED(with([](auto& a) { a.rate += 1; }), "rate");
  EXPECT_REFUSED(with([](auto& a) { a.max_seconds += 1; }), "max_seconds");
  EXPECT_REFUSED(with([](auto& a) { a.seconds += 1; }), "seconds");
  EXPECT_REFUSED(with([](auto& a) { a.fee_bps = 0; }), "fee_bps");
  EXPECT_REFUSED(with([](auto& a) { a.gap_limit_s += 1; }), "gap_limit_s");
  EXPECT_REFUSED(with([](auto& a) { a.claim_window_s += 1; }), "claim_window_s");
  EXPECT_REFUSED(with([](auto& a) { a.terms_hash = escrow::to_key(key(7)); }), "terms_hash");
  EXPECT_REFUSED(with([](auto& a) { a.host = escrow::to_key(key(7)); }), "host");
  EXPECT_REFUSED(with([](auto& a) { a.renter = escrow::to_key(key(7)); }), "renter");
  EXPECT_REFUSED(with([](auto& a) { a.market = escrow::to_key(key(7)); }), "another market");
  EXPECT_REFUSED(with([](auto& a) { a.attestor = escrow::to_key(key(7)); }), "another attestor");
  EXPECT_REFUSED(with([](auto& a) { a.state = State::active; }), "not the opening");
  EXPECT_REFUSED(with([](auto& a) { a.opened_slot = 501; }), "not the opening");
  EXPECT_REFUSED(with([](auto& a) { a.opened_at = kNow + 41; }), "after the quote's time");
  view.account = nullptr;
  EXPECT_REFUSED(ask(), "no such lease");
}

TEST_F(ReadyPolicy, RefusesWithoutItsOwnEyes) {
  seen.checked_ms.reset();
  EXPECT_REFUSED(ask(), "no login") << "one that looked at no cards";
  seen.checked_ms = 1'000;
  view.steady_ms = 1'001 + kCheckedForMs;
  EXPECT_REFUSED(ask(), "no login") << "too long ago";
  view.steady_ms = 2'000;
  seen.terms_hash = {};
  EXPECT_REFUSED(ask(), "never logged in") << "for another quote at that address";
  view.seen = nullptr;
  EXPECT_REFUSED(ask(), "never logged in");
  view.seen = &seen;
  seen.terms_hash = example.hash;
  seen.served_slot = 499;
  EXPECT_REFUSED(ask(), "served before");
  seen.served_slot = 0;
  view.now_s = kNow + 61;
  EXPECT_REFUSED(ask(), "deadline");
  view.now_s = kNow;
  view.market = nullptr;
  EXPECT_REFUSED(ask(), "market's terms");
}

struct AttestPolicy : ::testing::Test {
  AttestPolicy() {
    seen.lease = example.lease();
    seen.terms_hash = example.hash;
    seen.alive_at_s = kNow + 60;
  }
  base::Result<void> ask(std::int64_t alive_until) {
    fields.alive_until = alive_until;
    return may_attest(example.ground, signer, fields, {&account, &seen});
  }
  Example example;
  base::PublicKey signer = example.attestor.public_key();
  escrow::Lease account = example.active();
  escrow::AttestationFields fields{example.ground.program, example.lease(), 500, 0};
  Seen seen;
};

TEST_F(AttestPolicy, SignsUpToItsOwnLastLogin) {
  EXPECT_TRUE(ask(kNow + 60));
  EXPECT_TRUE(ask(kNow + 1)) << "less proves less";
  EXPECT_REFUSED(ask(kNow + 61), "no login of its own");
  seen.alive_at_s = 0;
  EXPECT_REFUSED(ask(kNow + 1), "no login of its own") << "started anew, and blind so far";
  EXPECT_REFUSED(may_attest(example.ground, signer, fields, {&account, nullptr}),
                 "no login of its own");
}

TEST_F(AttestPolicy, NeverPastEndOrStop) {
  seen.alive_at_s = kNow + 100'000;
  EXPECT_TRUE(ask(kNow + account.seconds));
  EXPECT_REFUSED(ask(kNow + account.seconds + 1), "past the end");
  account.state = State::closing;
  account.stopped_at = kNow + 30;
  EXPECT_TRUE(ask(kNow + 30));
  EXPECT_REFUSED(ask(kNow + 31), "past the stop");
  account.state = State::funded;
  EXPECT_REFUSED(ask(kNow), "does not run");
}

TEST_F(AttestPolicy, OnlyOfItsOwnLeases) {
  account.opened_slot = 501;
  EXPECT_REFUSED(ask(kNow), "does not run");
  account = example.active();
  account.attestor = escrow::to_key(key(7));
  EXPECT_REFUSED(ask(kNow), "another attestor");
  account = example.active();
  account.market = escrow::to_key(key(7));
  EXPECT_REFUSED(ask(kNow), "another market");
  account = example.active();
  seen.terms_hash = {};
  EXPECT_REFUSED(ask(kNow), "other terms");
  fields.program = key(7);
  EXPECT_REFUSED(ask(kNow), "another program");
}

struct DarkPolicy : ::testing::Test {
  DarkPolicy() {
    seen.ssh = example.ssh();
    seen.terms_hash = escrow::to_hash(account.terms_hash);
    seen.first_failure_s = kNow + 300;
    seen.last_failure_s = kNow + 361;
    view = {&account, &seen, kNow + 362, kNow, true};
  }
  base::Result<void> ask() { return may_stop_dark(example.ground, signer, view); }
  Example example;
  base::PublicKey signer = example.attestor.public_key();
  escrow::Lease account = example.active();
  Seen seen;
  DarkView view;
};

TEST_F(DarkPolicy, StopsWhomItCouldNotReachForOverAMinute) {
  EXPECT_TRUE(ask());
  seen.last_failure_s = kNow + 360;
  EXPECT_REFUSED(ask(), "over a minute");
  seen.first_failure_s = 0;
  EXPECT_REFUSED(ask(), "answers");
}

TEST_F(DarkPolicy, WhatItSawOfAnotherLeaseThereSaysNothing) {
  seen.served_slot = account.opened_slot;
  EXPECT_TRUE(ask());
  seen.served_slot = account.opened_slot - 1;
  EXPECT_REFUSED(ask(), "another lease");
  seen.served_slot = 0;
  seen.terms_hash = {};
  EXPECT_REFUSED(ask(), "another lease") << "a quote of the market's own making at that address";
}

TEST_F(DarkPolicy, AMinuteLongAgoSaysNothingOfNow) {
  view.now_s = seen.last_failure_s + kLongestLookAwayS;
  EXPECT_TRUE(ask());
  view.now_s += 1;
  EXPECT_REFUSED(ask(), "lately");
}

TEST_F(DarkPolicy, StopsNobodyWhileItMayBeBlindItself) {
  view.control_ok = false;
  EXPECT_REFUSED(ask(), "cut off");
  view.control_ok = true;
  view.started_at_s = view.now_s - account.gap_limit_s;
  EXPECT_REFUSED(ask(), "has not been up");
  view.started_at_s -= 1;
  EXPECT_TRUE(ask());
  seen.ssh.reset();
  EXPECT_REFUSED(ask(), "never reached");
  view.seen = nullptr;
  EXPECT_REFUSED(ask(), "never reached");
}

TEST_F(DarkPolicy, StopsOnlyWhatRunsAndIsItsOwn) {
  account.state = State::closing;
  EXPECT_REFUSED(ask(), "does not run");
  account = example.active();
  account.attestor = escrow::to_key(key(7));
  EXPECT_REFUSED(ask(), "another attestor");
  view.account = nullptr;
  EXPECT_REFUSED(ask(), "no such lease");
}

TEST(SettlePolicy, PaysOnlyForWhatCanDoSomething) {
  const Example example;
  escrow::Lease account = example.account();
  Paid paid;
  const auto ask = [&](PaidKind kind, base::UnixSeconds now_s) {
    paid.kind = kind;
    return may_settle(example.ground, paid, {&account, now_s});
  };
  EXPECT_TRUE(ask(PaidKind::cancel, kNow + 61));
  EXPECT_REFUSED(ask(PaidKind::cancel, kNow + 60), "nobody may cancel");
  EXPECT_REFUSED(ask(PaidKind::ready, kNow), "`ready`");
  EXPECT_REFUSED(ask(PaidKind::dark, kNow), "dark");
  account = example.active();
  EXPECT_REFUSED(ask(PaidKind::cancel, kNow + 61), "nobody may cancel");
  EXPECT_TRUE(ask(PaidKind::finish, kNow + account.seconds));
  EXPECT_REFUSED(ask(PaidKind::finish, kNow + account.seconds - 1), "nobody may finish");
  EXPECT_REFUSED(ask(PaidKind::claim, kNow), "nothing new");
  paid.proof.emplace();
  paid.proof->fields.alive_until = kNow + 1;
  EXPECT_TRUE(ask(PaidKind::claim, kNow));
  paid.proof->fields.alive_until = kNow;
  EXPECT_REFUSED(ask(PaidKind::claim, kNow), "nothing new");
  account.state = State::closing;
  account.window_ends = kNow + 600;
  EXPECT_REFUSED(ask(PaidKind::finish, kNow + 600), "nobody may finish");
  EXPECT_TRUE(ask(PaidKind::finish, kNow + 601));
  account.market = escrow::to_key(key(7));
  EXPECT_REFUSED(ask(PaidKind::finish, kNow + 601), "another market");
}

TEST(Quoted, TakesOnlyWhatOurKeySigned) {
  Example example;
  const auto is_ours = [&](const base::PublicKey& key) {
    return key == example.attestor.public_key();
  };
  const auto good = read_quoted(example.ground, is_ours, example.text, example.signature);
  ASSERT_TRUE(good.ok());
  EXPECT_EQ(good->quote.lease, example.lease());
  EXPECT_EQ(good->quote.id, base::to_hex(example.hash.view()));
  EXPECT_EQ(good->quote.card_uuids.size(), 2u);
  EXPECT_REFUSED(read_quoted(example.ground, is_ours, example.text, {}), "never signed");
  const auto other = example.renter.sign(market::quote_message(example.hash));
  EXPECT_REFUSED(read_quoted(example.ground, is_ours, example.text, other), "never signed");
  EXPECT_REFUSED(read_quoted({key(1), key(7)}, is_ours, example.text, example.signature),
                 "another market");
  EXPECT_REFUSED(read_quoted(
                     example.ground, [](const base::PublicKey&) { return false; }, example.text,
                     example.signature),
                 "do not include");
  EXPECT_FALSE(read_quoted(example.ground, is_ours, example.text + " ", example.signature));
}

}  // namespace
}  // namespace obelisk::watch
