#include "core/solana/node_choice.hpp"

#include <gtest/gtest.h>

namespace obelisk::solana {
namespace {

using Numbers = std::vector<std::size_t>;
constexpr auto kDepth = Depth::confirmed;

TEST(NodeChoice, EachGoesFirstForATurn) {
  const NodeChoice choice(3, {});
  EXPECT_EQ(choice.order(Ask::fresh, 0), (Numbers{0, 1, 2}));
  EXPECT_EQ(choice.order(Ask::fresh, 1'999), (Numbers{0, 1, 2}));
  EXPECT_EQ(choice.order(Ask::fresh, 2'000), (Numbers{1, 2, 0}));
  EXPECT_EQ(choice.order(Ask::any, 6'000), (Numbers{0, 1, 2}));
}

TEST(NodeChoice, AFailureRestsTwiceAsLongEachTimeUpToHalfAMinute) {
  NodeChoice choice(3, {});
  std::int64_t now_ms = 0;
  for (const std::int64_t rest_ms : {500, 1'000, 2'000, 4'000, 8'000, 16'000, 30'000, 30'000}) {
    choice.failed(0, now_ms);
    EXPECT_EQ(choice.order(Ask::any, now_ms + rest_ms - 1).size(), 2u) << rest_ms;
    now_ms += rest_ms;
    EXPECT_EQ(choice.order(Ask::any, now_ms).size(), 3u) << rest_ms;
  }
  choice.answered(0, now_ms);
  choice.failed(0, now_ms);
  EXPECT_EQ(choice.order(Ask::any, now_ms + 500).size(), 3u) << "an answer forgives all";
}

TEST(NodeChoice, ANodeThatIsMissedRestsASecondAtMost) {
  NodeChoice choice(3, {});
  for (int i = 0; i < 8; ++i) choice.failed(0, 0);
  for (int i = 0; i < 8; ++i) choice.failed(2, 500);
  EXPECT_EQ(choice.order(Ask::any, 999), Numbers{1});
  EXPECT_EQ(choice.order(Ask::any, 1'000), (Numbers{1, 0}));
  EXPECT_EQ(choice.order(Ask::fresh, 1'500), (Numbers{1, 0})) << "one more is enough";
  choice.told_to_wait(0, 5'000, 1'000);
  EXPECT_EQ(choice.order(Ask::any, 1'500), (Numbers{1, 2})) << "not who asked to be left alone";
  choice.failed(0, 2'000);
  EXPECT_EQ(choice.order(Ask::any, 6'000), (Numbers{1, 0}))
      << "its wish was for 5 s, however long its failures make it rest";
}

TEST(NodeChoice, TooManyRequestsRestAsLongAsTheNodeSays) {
  struct Row {
    std::int64_t asked_ms, rest_ms;
  };
  for (const Row& row :
       {Row{3'000, 3'000}, {300, 300}, {0, 1'000}, {-5, 1'000}, {3'600'000, 60'000}}) {
    NodeChoice choice(2, {});
    choice.told_to_wait(1, row.asked_ms, 0);
    choice.limited(1, 0);
    EXPECT_EQ(choice.order(Ask::any, row.rest_ms - 1), Numbers{0}) << row.asked_ms;
    EXPECT_EQ(choice.order(Ask::any, row.rest_ms).size(), 2u) << row.asked_ms;
  }
  NodeChoice choice(2, {});
  choice.limited(1, 0);
  EXPECT_EQ(choice.order(Ask::any, 999), Numbers{0}) << "no Retry-After: a second";
}

TEST(NodeChoice, AnAnswerFromBeforeDoesNotEndTheRestThatWasAskedFor) {
  NodeChoice choice(2, {});
  choice.told_to_wait(1, 5'000, 0);
  choice.answered(1, 100);
  EXPECT_EQ(choice.order(Ask::any, 4'999), (Numbers{0}));
}

TEST(NodeChoice, WhereAllRestTheSoonestIsAskedButNeverOneThatWishedForRest) {
  NodeChoice choice(3, {});
  choice.told_to_wait(0, 100, 0);
  choice.failed(1, 0);
  choice.failed(1, 0);
  choice.failed(2, 0);
  EXPECT_EQ(choice.order(Ask::fresh, 50), Numbers{2});
  choice.told_to_wait(1, 1'000, 0);
  choice.told_to_wait(2, 1'000, 0);
  EXPECT_EQ(choice.order(Ask::fresh, 50), Numbers{});
  EXPECT_EQ(choice.order(Ask::fresh, 100), Numbers{0});
}

TEST(NodeChoice, ANodeThatFailsAfterItsRestIsALastResortAgain) {
  NodeChoice choice(2, {});
  choice.told_to_wait(0, 100, 0);
  choice.failed(0, 100);
  choice.failed(1, 100);
  choice.failed(1, 100);
  EXPECT_EQ(choice.order(Ask::any, 200), Numbers{0});
}

TEST(NodeChoice, ASlotIsJudgedByTheNewestThatAnyNodeNamed) {
  struct Row {
    std::uint64_t slot;
    Freshness freshness;
  };
  for (const Row& row : {Row{1'000, Freshness::fresh},
                         {1'001, Freshness::fresh},
                         {2'000, Freshness::fresh},
                         {2'001, Freshness::unbelievable},
                         {~0ULL, Freshness::unbelievable},
                         {999, Freshness::older},
                         {950, Freshness::older},
                         {949, Freshness::behind},
                         {0, Freshness::behind}}) {
    NodeChoice choice(2, {});
    EXPECT_EQ(choice.judge(0, kDepth, 1'000, 0, 0), Freshness::fresh);
    EXPECT_EQ(choice.judge(1, kDepth, row.slot, choice.newest(kDepth), 0), row.freshness)
        << row.slot;
    const bool raised = row.freshness == Freshness::fresh;
    EXPECT_EQ(choice.newest(kDepth), raised ? row.slot : 1'000) << row.slot;
  }
}

TEST(NodeChoice, ACommitmentIsNotMeasuredByAnother) {
  NodeChoice choice(2, {});
  choice.judge(0, Depth::processed, 1'000, 0, 0);
  EXPECT_EQ(choice.newest(Depth::finalized), 0u);
  EXPECT_EQ(choice.judge(1, Depth::finalized, 900, 0, 0), Freshness::fresh);
}

TEST(NodeChoice, WhatWasKnownBeforeTheQuestionCountsAndNotWhatCameSince) {
  NodeChoice choice(2, {});
  choice.judge(0, kDepth, 1'000, 0, 0);
  choice.judge(0, kDepth, 1'004, 1'000, 0);
  EXPECT_EQ(choice.judge(1, kDepth, 1'002, 1'000, 0), Freshness::fresh);
}

TEST(NodeChoice, ANodeThatIsBehindIsAskedForNothingFreshForAWhile) {
  NodeChoice choice(2, {});
  choice.judge(0, kDepth, 1'000, 0, 0);
  choice.judge(1, kDepth, 800, 1'000, 0);
  EXPECT_EQ(choice.order(Ask::fresh, 1'999), Numbers{0});
  EXPECT_EQ(choice.order(Ask::any, 1'999), (Numbers{0, 1}));
  EXPECT_EQ(choice.order(Ask::fresh, 2'000).size(), 2u);
  choice.judge(1, kDepth, 800, 1'000, 2'000);
  choice.judge(1, kDepth, 990, 1'000, 2'100);
  EXPECT_EQ(choice.order(Ask::fresh, 2'100).size(), 2u) << "it has caught up";
}

TEST(NodeChoice, ALeapIsBelievedOnceTwoNodesMakeItOrTimeExplainsIt) {
  NodeChoice choice(3, {});
  choice.judge(0, kDepth, 1'000, 0, 0);
  EXPECT_EQ(choice.judge(1, kDepth, 50'000, 1'000, 0), Freshness::unbelievable);
  EXPECT_EQ(choice.judge(2, kDepth, 1'003, 1'000, 0), Freshness::fresh);
  EXPECT_EQ(choice.judge(0, kDepth, 90'000, 1'003, 0), Freshness::unbelievable);
  EXPECT_EQ(choice.judge(2, kDepth, 50'040, 1'003, 0), Freshness::fresh);
  // An hour without a question: 36,000 slots at the most.
  EXPECT_EQ(choice.judge(2, kDepth, 86'040, 50'040, 3'600'000), Freshness::fresh);
}

TEST(NodeChoice, OneLieOfAFewSlotsDoesNotMakeTheOthersLookOld) {
  NodeChoice choice(3, {});
  choice.judge(0, kDepth, 1'000, 0, 0);
  choice.judge(1, kDepth, 1'001, 1'000, 0);
  for (const std::uint64_t lie : {1'400, 1'100, 2'000}) {
    EXPECT_EQ(choice.judge(2, kDepth, lie, 1'001, 300), Freshness::unbelievable) << lie;
    EXPECT_EQ(choice.judge(0, kDepth, 1'002, 1'001, 300), Freshness::fresh);
    EXPECT_EQ(choice.judge(1, kDepth, 1'002, 1'001, 300), Freshness::fresh);
  }
  EXPECT_EQ(choice.judge(2, kDepth, 1'600, 1'002, 60'000), Freshness::fresh) << "a minute later";
}

TEST(NodeChoice, ALieInTheFirstAnswerIsOutvotedByTwo) {
  for (const std::uint64_t lie : {2'000ULL, ~0ULL}) {
    NodeChoice choice(3, {});
    EXPECT_EQ(choice.judge(0, kDepth, lie, 0, 0), Freshness::fresh) << "nobody can know yet";
    EXPECT_EQ(choice.judge(1, kDepth, 1'000, 0, 0), Freshness::behind);
    EXPECT_EQ(choice.judge(2, kDepth, 1'002, 0, 0), Freshness::fresh);
    EXPECT_EQ(choice.newest(kDepth), 1'002u);
    EXPECT_EQ(choice.judge(1, kDepth, 1'001, 0, 0), Freshness::fresh);
    EXPECT_EQ(choice.judge(0, kDepth, lie, 0, 0), Freshness::unbelievable);
  }
}

TEST(NodeChoice, WhoWasHeardFirstMayBeBehind) {
  NodeChoice choice(2, {});
  EXPECT_EQ(choice.judge(0, kDepth, 500, 0, 0), Freshness::fresh);
  EXPECT_EQ(choice.judge(1, kDepth, 1'000, 500, 0), Freshness::fresh);
  EXPECT_EQ(choice.judge(0, kDepth, 501, 500, 0), Freshness::behind);
}

}  // namespace
}  // namespace obelisk::solana
