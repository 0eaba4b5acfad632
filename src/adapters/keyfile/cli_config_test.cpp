#include "adapters/keyfile/cli_config.hpp"

#include <gtest/gtest.h>

namespace obelisk::keyfile {
namespace {

CliConfig parsed(std::string_view text) {
  auto config = parse_cli_config(text, "config.yml");
  EXPECT_TRUE(config.ok()) << (config.ok() ? "" : config.error().message);
  return config.ok() ? *config : CliConfig{};
}

TEST(CliConfig, ReadsWhatTheSolanaCliWrites) {
  const CliConfig config = parsed(
      "---\n"
      "json_rpc_url: \"http://localhost:8899\"\n"
      "websocket_url: \"\"\n"
      "keypair_path: /srv/u/.config/solana/id.json\n"
      "address_labels:\n"
      "  \"11111111111111111111111111111111\": System Program\n"
      "  json_rpc_url: http://not.me\n"
      "commitment: confirmed\n");
  EXPECT_EQ(config.rpc_url, "http://localhost:8899");
  EXPECT_EQ(config.websocket_url, "ws://localhost:8900");
  EXPECT_EQ(config.keypair_file, "/srv/u/.config/solana/id.json");
}

TEST(CliConfig, AWrittenWebSocketUrlIsKept) {
  const CliConfig config = parsed("json_rpc_url: https://a.b\nwebsocket_url: 'wss://c.d/e'  # x\n");
  EXPECT_EQ(config.websocket_url, "wss://c.d/e");
}

TEST(CliConfig, LastLineNeedsNoNewlineAndWindowsEndingsAreFine) {
  EXPECT_EQ(parsed("json_rpc_url: https://a.b\r\nkeypair_path: /k").keypair_file, "/k");
  EXPECT_EQ(parsed("json_rpc_url: https://a.b\r\n").websocket_url, "wss://a.b");
}

TEST(CliConfig, NothingSaidIsNothing) {
  const CliConfig config = parsed("");
  EXPECT_FALSE(config.rpc_url || config.websocket_url || config.keypair_file);
}

TEST(CliConfig, RealYamlIsRefusedRatherThanMisread) {
  for (const char* text :
       {"keypair_path: |\n", "keypair_path: *a\n", "keypair_path: \"a\\tb\"\n",
        "keypair_path: \"a\n", "keypair_path: 'a' b\n", "json_rpc_url: {a: b}\n"}) {
    EXPECT_FALSE(parse_cli_config(text, "f").ok()) << text;
  }
}

TEST(CliConfig, AnAbsentFileIsAnEmptyConfiguration) {
  const auto config = load_cli_config("/nonexistent/config.yml");
  ASSERT_TRUE(config.ok());
  EXPECT_FALSE(config->rpc_url.has_value());
  EXPECT_FALSE(load_cli_config("/dev").ok());
}

}  // namespace
}  // namespace obelisk::keyfile
