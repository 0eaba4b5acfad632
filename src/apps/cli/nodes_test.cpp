#include "apps/cli/nodes.hpp"

#include <gtest/gtest.h>

namespace obelisk::cli {
namespace {

using base::Code;
using base::Error;
using solana_rpc::kMainnetGenesis;

Error no_answer() {
  return {Code::unreachable, "The node at a:1 does not answer.", "Check --rpc-url."};
}

base::Hash network(std::uint8_t seed) { return base::Hash{{seed}}; }

NodeReport says(base::Hash genesis, std::uint64_t slot) { return {"a:1", genesis, slot}; }
NodeReport silent() { return {"b:2", no_answer(), no_answer()}; }

TEST(Nodes, OneNetworkAndOneSlotAreFit) {
  const auto found = compare_nodes({says(network(1), 1'000), says(network(1), 1'003)});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->network, network(1));
  EXPECT_EQ(found->fit(), 2u);
  EXPECT_EQ(found->slots, (std::vector<std::uint64_t>{1'000, 1'003}));
}

TEST(Nodes, OfDifferentNetworksNoneIsAsked) {
  const auto mainnet = *base::Hash::parse(kMainnetGenesis);
  // Wherever the stranger stands, and however many are silent.
  for (const auto& reports :
       {std::vector{says(network(1), 5), says(mainnet, 5)},
        std::vector{says(mainnet, 5), silent(), says(network(1), 5)},
        std::vector{says(network(1), 5), says(network(1), 5), silent(), says(mainnet, 5)}}) {
    const auto found = compare_nodes(reports);
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, Code::usage);
    EXPECT_NE(found.error().message.find("a:1 is of Solana's mainnet"), std::string::npos)
        << found.error().message;
  }
}

TEST(Nodes, ASilentOneIsNoReasonToFailAndNoWitness) {
  const std::vector reports{silent(), says(network(1), 1'000), says(network(1), 1'000)};
  const auto found = compare_nodes(reports);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->states, (std::vector{NodeState::silent, NodeState::fit, NodeState::fit}));
  EXPECT_TRUE(enough_to_sign(*found, reports));
  EXPECT_EQ(compare_nodes({silent(), silent()}).error().message, no_answer().message);
}

TEST(Nodes, OneThatIsBehindIsNoWitnessWhereverItStands) {
  for (const std::size_t at : {0, 1, 2}) {
    std::vector reports(3, says(network(1), 1'000));
    reports[at] = says(network(1), 800);
    const auto found = compare_nodes(reports);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->states[at], NodeState::behind) << at;
    EXPECT_EQ(found->fit(), 2u) << at;
  }
}

TEST(Nodes, OneThatLeapsAheadAloneIsNotBelieved) {
  for (const std::size_t at : {0, 1, 2}) {
    std::vector reports(3, says(network(1), 1'000));
    reports[at] = says(network(1), 1'000'000);
    const auto found = compare_nodes(reports);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->states[at], NodeState::behind) << at;
    EXPECT_EQ(found->fit(), 2u) << at;
  }
}

TEST(Nodes, MoneyMovesOnTheWordOfTwo) {
  const std::vector reports{says(network(1), 1'000), silent()};
  const auto found = compare_nodes(reports);
  ASSERT_TRUE(found) << "it may be read";
  const auto enough = enough_to_sign(*found, reports);
  ASSERT_FALSE(enough);
  EXPECT_EQ(enough.error().code, Code::unreachable);
  EXPECT_EQ(enough.error().message,
            "Of 2 nodes, 1 can be relied on; it takes two. a:1 answers. b:2 does not say which "
            "network it is of.");
  const std::vector no_slot{says(network(1), 1'000), NodeReport{"b:2", network(1), no_answer()}};
  EXPECT_FALSE(enough_to_sign(*compare_nodes(no_slot), no_slot));
}

}  // namespace
}  // namespace obelisk::cli
