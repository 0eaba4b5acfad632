#include "adapters/solana/agreement.hpp"

#include <gtest/gtest.h>

namespace obelisk::solana_rpc {
namespace {

using ports::Commitment;
using ports::SignatureStatus;
using Said = std::optional<SignatureStatus>;

Said landed(Commitment commitment, std::uint64_t slot = 7, const char* error = nullptr) {
  SignatureStatus out{slot, commitment, {}, {}};
  if (error != nullptr) out.error = error;
  return out;
}

struct Row {
  const char* why;
  std::vector<Said> said;
  bool settled;
  bool contradicts;
  Said result;
};

std::vector<Row> rows() {
  const Said processed = landed(Commitment::processed);
  const Said confirmed = landed(Commitment::confirmed);
  const Said finalized = landed(Commitment::finalized);
  const Said failed = landed(Commitment::confirmed, 7, "{}");
  return {
      {"one alone does not know it", {{}}, false, false, {}},
      {"two do not know it", {{}, {}}, true, false, {}},
      {"one alone says it landed", {finalized}, false, false, processed},
      {"one does not know it yet", {confirmed, {}}, false, false, processed},
      {"two say it landed", {confirmed, confirmed}, true, false, confirmed},
      {"the lower commitment counts", {finalized, confirmed}, true, false, confirmed},
      {"a third confirms", {{}, confirmed, confirmed}, true, false, confirmed},
      {"two say it failed", {failed, failed}, true, false, failed},
      {"success against failure", {confirmed, failed}, false, true, processed},
      {"two against one", {failed, confirmed, confirmed}, true, false, confirmed},
      {"another slot", {confirmed, landed(Commitment::confirmed, 8)}, false, true, processed},
      {"two unknown and one that knows", {{}, {}, confirmed}, false, false, processed},
  };
}

TEST(Agreement, StatusesAreFinalByTwoNodes) {
  for (const Row& row : rows()) {
    StatusVotes votes;
    for (const Said& said : row.said) votes.add(said, 9);
    EXPECT_EQ(votes.settled(), row.settled) << row.why;
    EXPECT_EQ(votes.contradicts(), row.contradicts) << row.why;
    const Said result = votes.result();
    ASSERT_EQ(result.has_value(), row.result.has_value()) << row.why;
    if (!result) continue;
    EXPECT_EQ(result->commitment, row.result->commitment) << row.why;
    if (!row.contradicts) EXPECT_EQ(result->error, row.result->error) << row.why;
  }
}

TEST(Agreement, WhoIsNotSoFarCannotKnowThatItIsInNoBlock) {
  StatusVotes votes(100);
  votes.add({}, 99);
  votes.add({}, 98);
  EXPECT_FALSE(votes.settled());
  votes.add({}, 101);
  EXPECT_FALSE(votes.settled());
  EXPECT_EQ(votes.unknown_slot(), 99u);
  votes.add({}, 100);
  EXPECT_TRUE(votes.settled());
  EXPECT_EQ(votes.result(), std::nullopt);
  EXPECT_EQ(votes.unknown_slot(), 100u);
}

TEST(Agreement, OneThatIsAloneOnAForkBlocksNothingForEver) {
  const auto votes_of = [](std::uint64_t slot, Commitment commitment, std::uint64_t unknown_slot) {
    StatusVotes votes(100);
    votes.add(landed(commitment, slot), 105);
    votes.add({}, 105);
    votes.add({}, unknown_slot);
    return votes;
  };
  const StatusVotes dead = votes_of(90, Commitment::processed, 100);
  EXPECT_TRUE(dead.settled());
  EXPECT_EQ(dead.result(), std::nullopt);
  EXPECT_EQ(dead.unknown_slot(), 100u);
  EXPECT_TRUE(votes_of(90, Commitment::processed, 99).result()) << "one of them cannot know";
  EXPECT_TRUE(votes_of(101, Commitment::processed, 100).result()) << "not final yet";
  EXPECT_TRUE(votes_of(90, Commitment::confirmed, 100).result()) << "more than a fork says so";
  StatusVotes recent;
  recent.add(landed(Commitment::processed, 90), 105);
  recent.add({}, 105);
  recent.add({}, 105);
  EXPECT_TRUE(recent.result()) << "nobody asked through the whole history";
}

TEST(Agreement, AnAbsenceNeedsTwoAndIsAsOldAsTheOlder) {
  AccountVotes votes;
  EXPECT_FALSE(votes.settled());
  votes.add({9, std::nullopt});
  EXPECT_FALSE(votes.settled());
  votes.add({8, std::nullopt});
  ASSERT_TRUE(votes.settled());
  EXPECT_FALSE(votes.result().account.has_value());
  EXPECT_EQ(votes.result().slot, 8u);
}

TEST(Agreement, AnAccountIsAsTwoShowItWithTheLowerBalance) {
  const ports::Account real{{7}, {}, {1}};
  ports::Account other = real;
  other.data = {2};
  AccountVotes votes;
  votes.add({9, other});
  EXPECT_FALSE(votes.settled());
  EXPECT_TRUE(votes.is_one_alone());
  votes.add({8, real});
  EXPECT_FALSE(votes.settled());
  EXPECT_FALSE(votes.is_one_alone());
  votes.add({10, ports::Account{{5}, {}, {1}}});
  ASSERT_TRUE(votes.settled());
  EXPECT_EQ(votes.result().account->data, real.data);
  EXPECT_EQ(votes.result().account->lamports.count, 5u);
  EXPECT_EQ(votes.result().slot, 8u);
}

TEST(Agreement, OneThatIsALittleOlderBearsOutWhatAnotherShowsAndNoMore) {
  const ports::Account account{{7}, {}, {1}};
  AccountVotes votes;
  votes.add({5, account}, false);
  votes.add({6, account}, false);
  EXPECT_FALSE(votes.settled()) << "both are too old";
  votes.add({9, account});
  ASSERT_TRUE(votes.settled());
  EXPECT_EQ(votes.result().slot, 9u);
  AccountVotes gone;
  gone.add({9, std::nullopt});
  gone.add({5, std::nullopt}, false);
  EXPECT_FALSE(gone.settled()) << "it may have come since";
}

TEST(Agreement, AHeightHasPassedOnceTwoHaveReachedIt) {
  using Slots = std::vector<std::uint64_t>;
  EXPECT_EQ(reached_by_two(Slots{}), std::nullopt);
  EXPECT_EQ(reached_by_two(Slots{5}), std::nullopt);
  EXPECT_EQ(reached_by_two(Slots{5, 9}), 5u);
  EXPECT_EQ(reached_by_two(Slots{5, 9, 8}), 8u);
  EXPECT_EQ(reached_by_two(Slots{~0ULL, 1, 2}), 2u);
  using Heights = std::vector<ports::BlockHeight>;
  EXPECT_EQ(reached_by_two(Heights{{5, 7}}), std::nullopt);
  EXPECT_EQ(reached_by_two(Heights{{5, 7}, {9, 20}, {8, 18}}), (ports::BlockHeight{8, 20}));
  EXPECT_EQ(reached_by_two(Heights{{5, 30}, {9, 20}, {8, 21}}), (ports::BlockHeight{8, 21}));
}

}  // namespace
}  // namespace obelisk::solana_rpc
