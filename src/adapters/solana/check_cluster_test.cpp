#include "adapters/solana/check_cluster.hpp"

#include <gtest/gtest.h>

namespace obelisk::solana_rpc {
namespace {

using base::Code;
using base::Error;

NodeReport says(const base::Hash& genesis, std::uint64_t slot) { return {"a:1", genesis, slot}; }
NodeReport silent() {
  const Error none{Code::unreachable, "m", "a"};
  return {"b:2", none, none};
}
base::Hash mainnet() { return *base::Hash::parse(kMainnetGenesis); }
base::Hash other(std::uint8_t seed = 1) { return base::Hash{{seed}}; }

Code code_of(const std::vector<NodeReport>& reports, bool mainnet_allowed = false) {
  const auto found = judge_cluster(reports, mainnet_allowed);
  EXPECT_FALSE(found.ok());
  return found.ok() ? Code::internal : found.error().code;
}

TEST(CheckCluster, TheMainnetOnlyWhereItIsAllowedWhicheverNodeSaysIt) {
  EXPECT_EQ(code_of({says(mainnet(), 5)}), Code::refused);
  EXPECT_EQ(code_of({silent(), says(mainnet(), 5)}), Code::refused);
  EXPECT_EQ(code_of({says(other(), 5), says(mainnet(), 5)}), Code::refused);
  EXPECT_TRUE(judge_cluster({says(mainnet(), 5)}, true).ok());
}

TEST(CheckCluster, NodesAreOfOneNetwork) {
  EXPECT_EQ(code_of({says(other(1), 5), silent(), says(other(2), 5)}), Code::usage);
  EXPECT_EQ(code_of({says(mainnet(), 5), says(other(), 5)}, true), Code::usage);
}

TEST(CheckCluster, OneThatIsSilentIsNoReasonNotToStart) {
  const auto slots = judge_cluster({silent(), says(other(), 7), says(other(), 9)}, false);
  ASSERT_TRUE(slots.ok());
  EXPECT_EQ(*slots, (std::vector<std::uint64_t>{0, 7, 9}));
  EXPECT_EQ(code_of({silent(), silent()}), Code::unreachable);
}

}  // namespace
}  // namespace obelisk::solana_rpc
