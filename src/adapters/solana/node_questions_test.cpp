#include "adapters/solana/node_questions.hpp"

#include <gtest/gtest.h>

namespace obelisk::solana_rpc {
namespace {

TEST(Genesis, IsReadFromTheNodesAnswer) {
  const auto hash = parse_genesis_answer(
      R"({"jsonrpc":"2.0","id":1,"result":"5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d"})");
  ASSERT_TRUE(hash);
  EXPECT_EQ(hash->to_string(), kMainnetGenesis);
}

TEST(Genesis, NoAnswerIsNotTakenForATestNetwork) {
  for (const char* text : {"", "null", "[]", "{}", R"({"result":null})", R"({"result":5})",
                           R"({"result":"short"})", R"({"error":{"code":-32601}})", "\xff"}) {
    EXPECT_FALSE(parse_genesis_answer(text)) << text;
  }
}

TEST(Genesis, AnAddressMaySayItItself) {
  EXPECT_TRUE(names_mainnet("https://api.mainnet.solana.com"));
  EXPECT_TRUE(names_mainnet("https://solana-MAINNET.example/key"));
  EXPECT_FALSE(names_mainnet("https://api.devnet.solana.com"));
}

TEST(FirstBlock, IsANumberOrAnError) {
  const auto first = parse_number_answer(R"({"jsonrpc":"2.0","id":1,"result":250000})");
  ASSERT_TRUE(first);
  EXPECT_EQ(*first, 250'000u);
  for (const char* text : {"", "{}", R"({"result":-1})", R"({"result":"1"})",
                           R"({"error":{"code":-32601,"message":"no"}})"}) {
    EXPECT_FALSE(parse_number_answer(text)) << text;
  }
}

}  // namespace
}  // namespace obelisk::solana_rpc
