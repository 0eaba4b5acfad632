#include "apps/market/node_history.hpp"

#include <gtest/gtest.h>

#include "apps/market/testing.hpp"

namespace obelisk::market_app {
namespace {

TEST(NodeHistory, ANodeThatKeepsNoneIsRefused) {
  testing::TestChain chain;
  EXPECT_TRUE(check_node_history(chain, testing::key(1)));
  chain.refuse_history = base::Error{base::Code::unsupported, "127.0.0.1:1 does not offer it.", ""};
  const auto refused = check_node_history(chain, testing::key(1));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::Code::unsupported);
  EXPECT_NE(refused.error().message.find("127.0.0.1:1"), std::string::npos);
  chain.refuse_history = base::Error{base::Code::unreachable, "It does not answer.", ""};
  EXPECT_TRUE(check_node_history(chain, testing::key(1))) << "that may be over in a moment";
}

}  // namespace
}  // namespace obelisk::market_app
