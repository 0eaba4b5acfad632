#include "adapters/solana/open_chain.hpp"

#include <gtest/gtest.h>

#include "adapters/solana/node_pool.hpp"
#include "adapters/solana/rpc_chain.hpp"

namespace obelisk::solana_rpc {
namespace {

struct StoppedClock : ports::Clock {
  base::UnixMillis now_ms() override { return 0; }
  std::int64_t steady_ms() override { return 0; }
};

TEST(OpenChain, AListOfNodesIsCommasBetweenUrls) {
  const auto urls = node_urls("http://a:1 , devnet,http://b:2/key");
  ASSERT_TRUE(urls.ok());
  EXPECT_EQ(*urls, (std::vector<std::string>{"http://a:1", "https://api.devnet.solana.com",
                                             "http://b:2/key"}));
  for (const char* bad : {"", ",", "http://a,", ",http://a", "http://a,,http://b",
                          "http://a,http://a", "d,devnet", "1,2,3,4,5,6,7,8,9"}) {
    const auto refused = node_urls(bad);
    ASSERT_FALSE(refused.ok()) << bad;
    EXPECT_EQ(refused.error().code, base::Code::usage);
  }
}

TEST(OpenChain, OneNodeIsAskedAsEverAndSeveralAreAPool) {
  StoppedClock clock;
  const auto one = open_chain("http://127.0.0.1:1", "", clock);
  ASSERT_TRUE(one.ok());
  EXPECT_NE(dynamic_cast<RpcChain*>(one->get()), nullptr);
  const auto two = open_chain("http://127.0.0.1:1,http://127.0.0.1:3", "", clock);
  ASSERT_TRUE(two.ok());
  EXPECT_NE(dynamic_cast<NodePool*>(two->get()), nullptr);
}

TEST(OpenChain, AsManySocketsAsNodesOrNone) {
  StoppedClock clock;
  EXPECT_TRUE(open_chain("http://a:1,http://b:1", "ws://a:7,ws://b:8", clock).ok());
  EXPECT_FALSE(open_chain("http://a:1,http://b:1", "ws://a:7", clock).ok());
  EXPECT_FALSE(open_chain("http://a:1", "ws://a:7,ws://b:8", clock).ok());
  EXPECT_FALSE(open_chain("http://a:1,ftp://b:1", "", clock).ok());
}

}  // namespace
}  // namespace obelisk::solana_rpc
