#include "apps/cli/settings.hpp"

#include <gtest/gtest.h>

#include <map>

#include "apps/cli/settings_file.hpp"
#include "apps/cli/temporary_dir.hpp"

namespace obelisk::cli {
namespace {

using Urls = std::vector<std::string>;

class SettingsTest : public testing::Test {
 protected:
  SettingsTest() { variables_["HOME"] = home_.path(); }

  base::Result<Settings> read(const CommonFlags& flags = {}) {
    return read_settings(flags, [this](const char* name) -> std::optional<std::string> {
      const auto at = variables_.find(name);
      if (at == variables_.end()) return std::nullopt;
      return at->second;
    });
  }
  void our_file(const std::string& text) { home_.write(".config/obelisk/config.toml", text); }
  void solana_file(const std::string& text) { home_.write(".config/solana/cli/config.yml", text); }

  TemporaryDir home_;
  std::map<std::string, std::string> variables_;
};

TEST_F(SettingsTest, DefaultsSpendNothingReal) {
  const auto settings = read();
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_EQ(settings->rpc_urls, Urls{kDefaultRpcUrl});
  EXPECT_EQ(settings->market_url, kDefaultMarketUrl);
  EXPECT_EQ(settings->keypair_file, home_.path() + "/.config/solana/id.json");
  EXPECT_EQ(settings->state_dir, home_.path() + "/.local/state/obelisk");
  EXPECT_FALSE(settings->mainnet);
  EXPECT_FALSE(settings->program);
}

TEST_F(SettingsTest, FlagsBeforeEnvironmentBeforeFileBeforeSolana) {
  solana_file("json_rpc_url: http://solana:1\nkeypair_path: /solana.json\n");
  EXPECT_EQ(read()->rpc_urls, Urls{"http://solana:1"});
  EXPECT_EQ(read()->keypair_file, "/solana.json");

  our_file("rpc_url = \"http://file:1\"\nkeypair = \"~/file.json\"\nmarket_url = \"http://m:1\"\n");
  EXPECT_EQ(read()->rpc_urls, Urls{"http://file:1"});
  EXPECT_EQ(read()->keypair_file, home_.path() + "/file.json");
  EXPECT_EQ(read()->market_url, "http://m:1");

  variables_["OBELISK_RPC_URL"] = "http://env:1";
  variables_["OBELISK_KEYPAIR"] = "/env.json";
  variables_["OBELISK_MARKET_URL"] = "http://env:2";
  EXPECT_EQ(read()->rpc_urls, Urls{"http://env:1"});
  EXPECT_EQ(read()->keypair_file, "/env.json");
  EXPECT_EQ(read()->market_url, "http://env:2");

  CommonFlags flags;
  flags.rpc_url = "http://flag:1";
  flags.keypair = "/flag.json";
  flags.market_url = "http://flag:2";
  EXPECT_EQ(read(flags)->rpc_urls, Urls{"http://flag:1"});
  EXPECT_EQ(read(flags)->keypair_file, "/flag.json");
  EXPECT_EQ(read(flags)->market_url, "http://flag:2");
}

TEST_F(SettingsTest, TheConfigFileItselfIsNamedByFlagThenEnvironment) {
  variables_["OBELISK_CONFIG"] = home_.write("env.toml", "market_url = \"http://env:1\"\n");
  EXPECT_EQ(read()->market_url, "http://env:1");
  CommonFlags flags;
  flags.config = home_.write("flag.toml", "market_url = \"http://flag:1\"\n");
  EXPECT_EQ(read(flags)->market_url, "http://flag:1");
  flags.config = home_.path() + "/none.toml";
  EXPECT_EQ(read(flags).error().code, base::Code::not_found);
}

TEST_F(SettingsTest, StateAndProgramHaveTheSameOrder) {
  our_file("state = \"~/notes\"\nprogram = \"9C6hybhQ6Aycep9jaUnP6uL9ZYvDjUp1aSkFWPUFJtpj\"\n");
  EXPECT_EQ(read()->state_dir, home_.path() + "/notes");
  EXPECT_TRUE(read()->program);
  variables_["OBELISK_PROGRAM"] = "GgBaCs3NCBuZN12kCJgAW63ydqohFkHEdfdEXBPzLHq";
  EXPECT_EQ(read()->program->to_string(), "GgBaCs3NCBuZN12kCJgAW63ydqohFkHEdfdEXBPzLHq");
  CommonFlags flags;
  flags.program = "not a key";
  EXPECT_EQ(read(flags).error().code, base::Code::usage);
}

TEST_F(SettingsTest, ClustersMayBeNamedAsTheSolanaCliDoes) {
  variables_["OBELISK_RPC_URL"] = "devnet";
  EXPECT_EQ(read()->rpc_urls, Urls{"https://api.devnet.solana.com"});
}

TEST_F(SettingsTest, SeveralNodesComeFromOnePlaceAlone) {
  our_file("rpc_url = \"http://file:1, http://file:2\"\n");
  EXPECT_EQ(read()->rpc_urls, (Urls{"http://file:1", "http://file:2"}));
  variables_["OBELISK_RPC_URL"] = "http://env:1,devnet,http://env:3/key";
  EXPECT_EQ(read()->rpc_urls,
            (Urls{"http://env:1", "https://api.devnet.solana.com", "http://env:3/key"}));
  CommonFlags flags;
  flags.rpc_url = "http://flag:1";
  EXPECT_EQ(read(flags)->rpc_urls, Urls{"http://flag:1"});
}

TEST_F(SettingsTest, ListsThatAreNoneAreRefused) {
  for (const char* urls :
       {"http://a,", ",http://a", "http://a,,http://b", "http://a,ws://b", "http://a,http://a",
        "http://a,http://A:80/", "http://a,nonsense", "1,2,3,4,5,6,7,8,9"}) {
    CommonFlags flags;
    flags.rpc_url = urls;
    const auto settings = read(flags);
    ASSERT_FALSE(settings) << urls;
    EXPECT_EQ(settings.error().code, base::Code::usage);
  }
}

TEST_F(SettingsTest, SocketsAreThoseNamedWithTheNodesOrNearer) {
  our_file("rpc_url = \"http://file:1\"\nws_url = \"ws://file:2\"\n");
  EXPECT_EQ(read()->ws_urls, Urls{"ws://file:2"});
  variables_["OBELISK_RPC_URL"] = "http://env:1,http://env:2";
  EXPECT_EQ(read()->ws_urls, Urls{}) << "the file spoke of another node";
  variables_["OBELISK_WS_URL"] = "ws://env:3,wss://env:4";
  EXPECT_EQ(read()->ws_urls, (Urls{"ws://env:3", "wss://env:4"}));
  CommonFlags flags;
  flags.ws_url = "ws://flag:1,ws://flag:2";
  EXPECT_EQ(read(flags)->ws_urls, (Urls{"ws://flag:1", "ws://flag:2"}));
  flags.rpc_url = "http://flag:1";
  EXPECT_EQ(read(flags).error().code, base::Code::usage) << "two sockets for one node";
  flags.ws_url = "http://flag:2";
  EXPECT_EQ(read(flags).error().code, base::Code::usage);
  flags.ws_url.reset();
  EXPECT_EQ(read(flags)->ws_urls, Urls{});
}

TEST_F(SettingsTest, TheSolanaFilesSocketIsThatOfItsNode) {
  solana_file("json_rpc_url: http://solana:1\nwebsocket_url: ws://solana:9\n");
  EXPECT_EQ(read()->ws_urls, Urls{"ws://solana:9"});
  variables_["OBELISK_RPC_URL"] = "http://env:1";
  EXPECT_EQ(read()->ws_urls, Urls{});
  variables_.erase("OBELISK_RPC_URL");
  solana_file("json_rpc_url: http://solana:1,http://solana:3\n");
  EXPECT_EQ(read()->rpc_urls, (Urls{"http://solana:1", "http://solana:3"}));
  EXPECT_EQ(read()->ws_urls, Urls{});
}

TEST_F(SettingsTest, AddressesThatAreNoneAreRefused) {
  for (const char* url : {"ftp://x", "127.0.0.1:8899", "http://user:pw@x", "ws://x", "http://"}) {
    CommonFlags flags;
    flags.market_url = url;
    const auto settings = read(flags);
    ASSERT_FALSE(settings) << url;
    EXPECT_EQ(settings.error().code, base::Code::usage);
  }
}

TEST_F(SettingsTest, ARelativeXdgFolderIsIgnoredAsItsStandardSays) {
  variables_["XDG_STATE_HOME"] = "relative";
  EXPECT_EQ(read()->state_dir, home_.path() + "/.local/state/obelisk");
  variables_["XDG_STATE_HOME"] = "/somewhere";
  EXPECT_EQ(read()->state_dir, "/somewhere/obelisk");
}

TEST(SettingsFile, RefusesWhatItDoesNotKnow) {
  EXPECT_TRUE(parse_settings_file("", "f"));
  for (const char* text : {"markt_url = \"x\"", "rpc_url = 5", "rpc_url = \"\"",
                           "rpc_url = ", "[rpc_url]", "private_key = \"x\""}) {
    const auto parsed = parse_settings_file(text, "f.toml");
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, base::Code::invalid_input);
    EXPECT_TRUE(parsed.error().message.starts_with("f.toml: ")) << parsed.error().message;
  }
}

}  // namespace
}  // namespace obelisk::cli
