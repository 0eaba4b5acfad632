#include "core/index/fold.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "core/index/testing.hpp"

namespace obelisk::index {
namespace {

using namespace testing;
using escrow::State;
using escrow::StopHow;
using escrow::Tag;

constexpr std::uint64_t kPaid = 6'000'000;  // 600 s at kRate
constexpr std::uint64_t kIn = kPaid + escrow::kBondLamports;

StepRow open_at(std::uint64_t slot, std::uint8_t name = 1) {
  return step(slot, escrow::encode_open(kProgram, open_of()), event(Tag::open, State::funded),
              name);
}
StepRow ready_at(std::uint64_t slot) {
  return step(slot, escrow::encode_ready(kProgram, kAccounts, slot),
              event(Tag::ready, State::active), 2);
}
StepRow claim_at(std::uint64_t slot, Paid paid) {
  return step(slot, escrow::encode_claim(kProgram, kAccounts),
              event(Tag::claim, State::active, paid), 3);
}
StepRow stop_at(std::uint64_t slot, State after, Paid paid, std::uint8_t name = 4) {
  return step(slot, escrow::encode_stop(kProgram, kAccounts, StopHow::served),
              event(Tag::stop, after, paid), name);
}
std::vector<StepRow> whole_life() {
  return {open_at(100), ready_at(110), claim_at(120, {90, 10, 0}),
          stop_at(130, State::closed, {180, 20, kIn - 300})};
}
std::vector<LeaseRow> rows_of(std::vector<StepRow> steps) {
  return fold(kAccounts.lease, std::move(steps));
}

escrow::Lease account_at(std::uint64_t opened_slot) {
  escrow::Lease out{};
  out.kind = escrow::kLeaseKind;
  out.version = escrow::kVersion;
  out.state = State::active;
  out.renter = escrow::to_key(kAccounts.renter);
  out.host = escrow::to_key(kAccounts.host);
  out.market = escrow::to_key(key(25));
  out.opened_slot = opened_slot;
  out.rate = kRate;
  out.seconds = 900;
  out.max_seconds = 1200;
  out.proven_until = 2222;
  out.released = 100;
  return out;
}

TEST(Fold, OneLifeIsOneRow) {
  const auto rows = rows_of(whole_life());
  ASSERT_EQ(rows.size(), 1u);
  const LeaseRow& row = rows[0];
  EXPECT_EQ(row.opened_slot, 100u);
  EXPECT_EQ(row.renter, kAccounts.renter);
  EXPECT_EQ(row.host, kAccounts.host);
  EXPECT_EQ(row.market, key(25));
  EXPECT_EQ(row.state, State::closed);
  EXPECT_EQ(row.paid->count, kPaid);
  EXPECT_EQ(row.to_host->count, 270u);
  EXPECT_EQ(row.to_treasury->count, 30u);
  EXPECT_EQ(row.to_renter->count, kIn - 300);
  EXPECT_EQ(row.vault->count, 0u);
  EXPECT_EQ(row.opened_at_s, 5100);
  EXPECT_EQ(row.started_at_s, 1000);
  EXPECT_EQ(row.closed_at_s, 5130);
  EXPECT_EQ(row.open_signature, signature(1));
  EXPECT_EQ(row.ready_signature, signature(2));
  EXPECT_EQ(row.close_signature, signature(4));
  EXPECT_EQ(row.steps, 4u);
  EXPECT_EQ(row.last_slot, 130u);
  EXPECT_TRUE(row.whole);
}

TEST(Fold, OrderAndRepetitionDoNotMatter) {
  auto steps = whole_life();
  steps.push_back(open_at(140, 5));
  const auto right = rows_of(steps);
  ASSERT_EQ(right.size(), 2u);
  steps.insert(steps.end(), {steps[1], steps[4]});
  std::mt19937 random(3);
  for (int i = 0; i < 50; ++i) {
    std::ranges::shuffle(steps, random);
    EXPECT_EQ(rows_of(steps), right);
  }
}

TEST(Fold, TakingABlockAwayLeavesNothingBehind) {
  const auto steps = whole_life();
  for (std::size_t count = 0; count < steps.size(); ++count) {
    std::vector<StepRow> some(steps.begin(), steps.begin() + static_cast<std::ptrdiff_t>(count));
    const auto before = rows_of(some);
    some.push_back(steps[count]);
    EXPECT_NE(rows_of(some), before);
    some.pop_back();
    EXPECT_EQ(rows_of(some), before);
  }
}

TEST(Fold, AnAddressCanBeOpenedAgainEvenInOneSlot) {
  StepRow first = open_at(100);
  StepRow closed = step(100, escrow::encode_cancel(kProgram, kAccounts, true),
                        event(Tag::cancel, State::closed, {0, 0, kIn}), 6);
  closed.block_index = 4;
  StepRow again = open_at(100, 7);
  again.block_index = 5;
  const auto rows = rows_of({again, closed, first});
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].opening, 0u);
  EXPECT_EQ(rows[0].state, State::closed);
  EXPECT_EQ(rows[1].opening, 1u);
  EXPECT_EQ(rows[1].state, State::funded);
  EXPECT_EQ(rows[1].open_signature, signature(7));
}

TEST(Fold, NoSumIsShownThatAPaymentMayBeMissingFrom) {
  auto steps = whole_life();
  steps[2].logged = false;  // the claim's log was cut
  steps[2].to_host.reset();
  auto rows = rows_of(steps);
  EXPECT_FALSE(rows[0].whole);
  EXPECT_FALSE(rows[0].to_host);
  EXPECT_EQ(rows[0].state, State::closed);
  // It is not there at all, since another program made it with a cut log: less came out than in.
  steps.erase(steps.begin() + 2);
  rows = rows_of(steps);
  EXPECT_FALSE(rows[0].whole);
  EXPECT_FALSE(rows[0].to_renter);
  // Without its open.
  steps.erase(steps.begin());
  rows = rows_of(steps);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].opened_slot, 0u);
  EXPECT_FALSE(rows[0].whole);
  EXPECT_FALSE(rows[0].to_host);
  // Without its close: the address was opened again.
  rows = rows_of({open_at(100), open_at(200, 5)});
  EXPECT_EQ(rows[0].state, State::closed);
  EXPECT_FALSE(rows[0].whole);
  EXPECT_FALSE(rows[0].close_signature);
}

TEST(LayOver, TheAccountOverrulesTheEvents) {
  const LeaseRow row = rows_of({open_at(100), ready_at(110), claim_at(120, {90, 10, 0})})[0];
  EXPECT_FALSE(row.vault) << "nobody looked yet";
  const LeaseRow read = lay_over(row, {130, {7'000'000}, account_at(100)});
  EXPECT_EQ(read.vault->count, 7'000'000u);
  EXPECT_EQ(read.proven_until_s, 2222);
  EXPECT_EQ(read.seconds, 900u) << "extended by a call that nobody saw";
  EXPECT_EQ(read.paid->count, 9'000'000u);
  EXPECT_TRUE(read.whole);
  EXPECT_EQ(read.to_host->count, 90u);
  // An older reading is not heard.
  EXPECT_EQ(lay_over(row, {119, {1}, account_at(100)}), row);
  EXPECT_EQ(lay_over(row, {119, {0}, std::nullopt}), row);
  // Another opening's neither, unless it is newer: then this one is over.
  EXPECT_EQ(lay_over(row, {130, {1}, account_at(90)}), row);
  EXPECT_EQ(lay_over(row, {130, {1}, account_at(125)}).state, State::closed);
  // What was paid and not logged is missing from the sums.
  escrow::Lease account = account_at(100);
  account.released = 101;
  const LeaseRow wrong = lay_over(row, {130, {7'000'000}, account});
  EXPECT_FALSE(wrong.whole);
  EXPECT_FALSE(wrong.to_host);
}

TEST(LayOver, AnAccountThatIsGoneIsClosed) {
  const LeaseRow row = lay_over(rows_of({open_at(100)})[0], {130, {0}, std::nullopt});
  EXPECT_EQ(row.state, State::closed);
  EXPECT_EQ(row.vault->count, 0u);
  EXPECT_FALSE(row.to_renter) << "nobody knows how it was divided";
  const LeaseRow closed = rows_of(whole_life())[0];
  EXPECT_EQ(lay_over(closed, {900, {5}, account_at(100)}), closed);
}

}  // namespace
}  // namespace obelisk::index
