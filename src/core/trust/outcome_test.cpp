#include "core/trust/outcome.hpp"

#include <gtest/gtest.h>

#include <random>

namespace obelisk::trust {
namespace {

using escrow::State;
using escrow::StopHow;
using escrow::Tag;
using index::StepRow;

base::PublicKey key(std::uint8_t fill) {
  base::PublicKey out;
  out.bytes.fill(fill);
  return out;
}

// Steps of one lease, 10 lamports a second, as the chain logs them.
class Story {
 public:
  Story& open(base::UnixSeconds at, std::uint32_t seconds = 3'600) {
    StepRow& row = next(Tag::open, at, State::funded);
    row.host = key(2);
    row.rate_per_hour = base::Lamports{36'000};
    row.seconds = seconds;
    return *this;
  }
  Story& ready(base::UnixSeconds at) {
    next(Tag::ready, at, State::active).proven_until_s = at;
    return *this;
  }
  Story& claim(base::UnixSeconds at, base::UnixSeconds proven, State state = State::active,
               base::UnixSeconds stopped = 0) {
    return paid(next(Tag::claim, at, state), proven, stopped);
  }
  Story& stop(base::UnixSeconds at, StopHow how, base::UnixSeconds proven,
              base::UnixSeconds stopped, State state = State::closed) {
    StepRow& row = next(Tag::stop, at, state);
    row.how = how;
    return paid(row, proven, stopped);
  }
  Story& finish(base::UnixSeconds at, base::UnixSeconds proven, base::UnixSeconds stopped) {
    return paid(next(Tag::finish, at, State::closed), proven, stopped);
  }
  Story& cancel(base::UnixSeconds at, bool by_renter) {
    next(Tag::cancel, at, State::closed).renter_signed = by_renter;
    return *this;
  }
  Outcome only() const {
    const auto all = outcomes_of(steps);
    EXPECT_EQ(all.size(), 1u);
    return all.empty() ? Outcome{} : all.front();
  }
  std::vector<StepRow> steps;

 private:
  StepRow& next(Tag tag, base::UnixSeconds at, State state) {
    StepRow row;
    row.slot = 100 + steps.size();
    row.block_time_s = at;
    row.tag = tag;
    row.lease = key(1);
    row.logged = true;
    row.state = state;
    row.to_host = base::Lamports{};
    row.to_treasury = base::Lamports{};
    row.to_renter = base::Lamports{};
    row.proven_until_s = 0;
    row.stopped_at_s = 0;
    return steps.emplace_back(row);
  }
  Story& paid(StepRow& row, base::UnixSeconds proven, base::UnixSeconds stopped) {
    row.proven_until_s = proven;
    row.stopped_at_s = stopped;
    const auto earned = static_cast<std::uint64_t>(10 * (proven - started_));
    row.to_host = base::Lamports{earned - released_};
    released_ = earned;
    return *this;
  }
  base::UnixSeconds started_ = 1'010;
  std::uint64_t released_ = 0;
};

TEST(LeaseOutcome, ServedUntilItsRenterStops) {
  const auto one = Story().open(1'000).ready(1'010).stop(1'610, StopHow::served, 1'610, 1'610);
  EXPECT_EQ(one.only(), (Outcome{key(1), key(2), Ending::kept, 1'000, 1'010, 600, 600,
                                 base::Lamports{36'000}, base::Lamports{30'000}}));
}

TEST(LeaseOutcome, RanToItsEndWithClaimsOnTheWay) {
  const auto one =
      Story().open(1'000, 600).ready(1'010).claim(1'300, 1'290).finish(1'700, 1'610, 0);
  const auto outcome = one.only();
  EXPECT_EQ(outcome.ending, Ending::kept);
  EXPECT_EQ(outcome.due_s, 600u);
  EXPECT_EQ(outcome.refunded.count, 0u);
}

TEST(LeaseOutcome, ADarkHostOwesUntilItWasSeen) {
  const auto one = Story().open(1'000).ready(1'010).stop(1'200, StopHow::dark, 1'110, 1'110).only();
  EXPECT_EQ(one.ending, Ending::dark);
  EXPECT_EQ(one.served_s, 100u);
  EXPECT_EQ(one.due_s, 190u);
}

TEST(LeaseOutcome, ADisputeEndsAsTheProofsSay) {
  auto contest =
      Story().open(1'000).ready(1'010).stop(1'410, StopHow::dispute, 1'110, 1'410, State::closing);
  EXPECT_TRUE(outcomes_of(contest.steps).empty()) << "it is not over";
  auto proven = contest;
  const auto kept = proven.claim(1'500, 1'410, State::closed, 1'410).only();
  EXPECT_EQ(kept.ending, Ending::kept);
  EXPECT_EQ(kept.served_s, 400u);
  const auto unproven = contest.finish(30'000, 1'110, 1'410).only();
  EXPECT_EQ(unproven.ending, Ending::disputed);
  EXPECT_EQ(unproven.served_s, 100u);
  EXPECT_EQ(unproven.due_s, 400u);
}

TEST(LeaseOutcome, LeftMissedAndWithdrawn) {
  EXPECT_EQ(
      Story().open(1'000).ready(1'010).stop(1'110, StopHow::waive, 1'110, 1'110).only().ending,
      Ending::left);
  const auto missed = Story().open(1'000).cancel(1'061, false).only();
  EXPECT_EQ(missed.ending, Ending::missed);
  EXPECT_EQ(missed.refunded, missed.paid);
  EXPECT_FALSE(missed.started_at_s);
  EXPECT_EQ(Story().open(1'000).cancel(1'005, true).only().ending, Ending::withdrawn);
}

TEST(LeaseOutcome, AnyOrderAndEveryOpeningOfOneAddress) {
  Story story;
  story.open(1'000).ready(1'010).stop(1'110, StopHow::waive, 1'110, 1'110);
  story.open(2'000).cancel(2'061, false);
  story.open(3'000);
  std::mt19937 random(1);
  for (int i = 0; i < 20; ++i) {
    std::ranges::shuffle(story.steps, random);
    const auto all = outcomes_of(story.steps);
    ASSERT_EQ(all.size(), 2u);
    EXPECT_EQ(all[0].ending, Ending::left);
    EXPECT_EQ(all[1].ending, Ending::missed);
  }
}

TEST(LeaseOutcome, WhatTheLogDoesNotSayIsNotMadeUp) {
  Story story;
  story.open(1'000).ready(1'010).claim(1'200, 1'110).stop(1'300, StopHow::served, 1'300, 1'300);
  for (std::size_t i = 0; i < story.steps.size(); ++i) {
    auto cut = story.steps;
    cut[i].logged = false;
    cut[i].host.reset();
    EXPECT_TRUE(outcomes_of(cut).empty()) << i;
  }
  auto later = story.steps;
  later.erase(later.begin());
  EXPECT_TRUE(outcomes_of(later).empty()) << "its open is missing";
}

}  // namespace
}  // namespace obelisk::trust
