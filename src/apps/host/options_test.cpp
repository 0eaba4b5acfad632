#include "apps/host/options.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace obelisk::host {
namespace {

base::Result<Asked> parse(std::vector<std::string> words) {
  words.insert(words.begin(), "obelisk-host");
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  return parse_command_line(static_cast<int>(pointers.size()), pointers.data());
}

class HostOptions : public testing::Test {
 protected:
  HostOptions() {
    std::string name = testing::TempDir() + "/obelisk-options-XXXXXX";
    home = ::mkdtemp(name.data());
    setenv("XDG_CONFIG_HOME", home.c_str(), 1);
  }
  ~HostOptions() override {
    for (const char* name :
         {"OBELISK_KEYPAIR", "OBELISK_RPC_URL", "OBELISK_CONFIG", "XDG_CONFIG_HOME"}) {
      unsetenv(name);
    }
    std::filesystem::remove_all(home);
  }
  std::filesystem::path home;  // of settings: there are none
  std::vector<std::string> whole{"run", "--keypair", "a.json",   "--state", "s",       "--images",
                                 "i",   "--market",  "http://m", "--rpc",   "http://r"};
};

TEST_F(HostOptions, FlagsWinOverTheEnvironment) {
  setenv("OBELISK_KEYPAIR", "other.json", 1);
  setenv("OBELISK_RPC_URL", "http://other", 1);
  const auto asked = parse(whole);
  ASSERT_TRUE(asked) << asked.error().message;
  EXPECT_EQ(asked->verb, Verb::run);
  EXPECT_EQ(asked->config.keypair, "a.json");
  EXPECT_EQ(asked->config.rpc_url, "http://r");
}

TEST_F(HostOptions, TheEnvironmentStandsInForAMissingFlag) {
  setenv("OBELISK_RPC_URL", "http://other", 1);
  whole.resize(whole.size() - 2);
  const auto asked = parse(whole);
  ASSERT_TRUE(asked) << asked.error().message;
  EXPECT_EQ(asked->config.rpc_url, "http://other");
}

TEST_F(HostOptions, WhatIsMissingIsNamed) {
  whole.resize(whole.size() - 2);
  const auto asked = parse(whole);
  ASSERT_FALSE(asked);
  EXPECT_NE(asked.error().message.find("--rpc"), std::string::npos);
  EXPECT_EQ(parse({"wipe", "--state", "s", "--images", "i"})->verb, Verb::wipe);
}

TEST_F(HostOptions, ADrainNeedsAFolderAndNoMore) {
  const auto asked = parse({"drain", "--state", "s", "--from", "12h"});
  ASSERT_TRUE(asked) << asked.error().message;
  EXPECT_EQ(asked->verb, Verb::drain);
  EXPECT_EQ(asked->drain_from, "12h");
  EXPECT_FALSE(asked->drain_cancel);
  EXPECT_TRUE(parse({"drain", "--state", "s", "--cancel"})->drain_cancel);
  EXPECT_EQ(parse({"drain"}).error().code, base::Code::usage);
  EXPECT_FALSE(parse({"drain", "--state", "s", "--cancel", "--from", "1h"}));
}

TEST_F(HostOptions, TheUsualSettingsAreFoundUnlessOthersAreNamed) {
  std::filesystem::create_directory(home / "obelisk");
  std::ofstream(home / "obelisk/host.toml") << "state_dir = \"usual\"\nmarket_url = \"http://m\"\n";
  std::ofstream(home / "other.toml") << "state_dir = \"other\"\n";
  EXPECT_EQ(parse({"status"})->config.state_dir, "usual");
  EXPECT_EQ(parse({"status"})->config.market_url, "http://m");
  EXPECT_EQ(parse({"status", "--state", "s"})->config.state_dir, "s");
  setenv("OBELISK_CONFIG", (home / "other.toml").c_str(), 1);
  EXPECT_EQ(parse({"status"})->config.state_dir, "other");
  setenv("OBELISK_CONFIG", (home / "none.toml").c_str(), 1);
  EXPECT_FALSE(parse({"status"})) << "a named one must be there";
  const auto begins = parse({"init"});
  ASSERT_TRUE(begins) << begins.error().message;
  EXPECT_FALSE(begins->settings.is_there);
  EXPECT_EQ(begins->settings.file, home / "none.toml");
}

TEST_F(HostOptions, PricesAreCheckedOnTheLine) {
  whole.insert(whole.end(), {"--usd-per-hour", "free"});
  EXPECT_EQ(parse(whole).error().code, base::Code::usage);
}

}  // namespace
}  // namespace obelisk::host
