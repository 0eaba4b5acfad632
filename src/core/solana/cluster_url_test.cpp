#include "core/solana/cluster_url.hpp"

#include <gtest/gtest.h>

namespace obelisk::solana {
namespace {

TEST(ClusterUrl, KnowsTheWordsOfTheSolanaCli) {
  EXPECT_EQ(cluster_url("devnet"), "https://api.devnet.solana.com");
  EXPECT_EQ(cluster_url("m"), "https://api.mainnet-beta.solana.com");
  EXPECT_EQ(cluster_url("l"), "http://localhost:8899");
  EXPECT_EQ(cluster_url("http://10.0.0.1:1"), "http://10.0.0.1:1");
}

TEST(ClusterUrl, WebSocketStandsOnePortHigherWhereAPortIsWritten) {
  EXPECT_EQ(derived_websocket_url("http://localhost:8899"), "ws://localhost:8900");
  EXPECT_EQ(derived_websocket_url("http://127.0.0.1:8899/x?k=1"), "ws://127.0.0.1:8900/x?k=1");
  EXPECT_EQ(derived_websocket_url("https://api.devnet.solana.com"), "wss://api.devnet.solana.com");
  EXPECT_EQ(derived_websocket_url("https://h/?api-key=a:1"), "wss://h/?api-key=a:1");
  EXPECT_EQ(derived_websocket_url("http://[::1]:8899"), "ws://[::1]:8900");
  EXPECT_EQ(derived_websocket_url("http://[::1]"), "ws://[::1]");
}

TEST(ClusterUrl, NoWebSocketForWhatIsNoUrl) {
  for (const char* text : {"", "localhost:8899", "ftp://a", "http://", "http://a:0", "http://a:x",
                           "http://a:65535", "http://a:99999999999"}) {
    EXPECT_FALSE(derived_websocket_url(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace obelisk::solana
