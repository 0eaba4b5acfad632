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
    for (const Said& said : row.said) votes.add(said);
    EXPECT_EQ(votes.settled(), row.settled) << row.why;
    EXPECT_EQ(votes.contradicts(), row.contradicts) << row.why;
    const Said result = votes.result();
    ASSERT_EQ(result.has_value(), row.result.has_value()) << row.why;
    if (!result) continue;
    EXPECT_EQ(result->commitment, row.result->commitment) << row.why;
    if (!row.contradicts) EXPECT_EQ(result->error, row.result->error) << row.why;
  }
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

TEST(Agreement, WhoShowsTheAccountProvesIt) {
  AccountVotes votes;
  votes.add({9, std::nullopt});
  votes.add({8, ports::Account{}});
  ASSERT_TRUE(votes.settled());
  EXPECT_TRUE(votes.result().account.has_value());
  EXPECT_EQ(votes.result().slot, 8u);
}

TEST(Agreement, AHeightHasPassedOnceTwoHaveReachedIt) {
  EXPECT_EQ(reached_by_two({}), std::nullopt);
  EXPECT_EQ(reached_by_two({5}), std::nullopt);
  EXPECT_EQ(reached_by_two({5, 9}), 5u);
  EXPECT_EQ(reached_by_two({5, 9, 8}), 8u);
  EXPECT_EQ(reached_by_two({~0ULL, 1, 2}), 2u);
}

}  // namespace
}  // namespace obelisk::solana_rpc
