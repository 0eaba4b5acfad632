#include "apps/market/config.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "apps/market/command_line.hpp"
#include "apps/market/testing.hpp"
#include "core/escrow/codec.hpp"
#include "core/settlement/settlement.hpp"

namespace obelisk::market_app {
namespace {

using testing::key;

Environment no_environment() {
  return [](const char*) { return std::optional<std::string>{}; };
}
Environment environment_of(std::map<std::string, std::string> values) {
  return [values = std::move(values)](const char* name) {
    const auto at = values.find(name);
    return at == values.end() ? std::nullopt : std::optional(at->second);
  };
}
Given enough() {
  return {{"program", key(1).to_string()},
          {"operator", key(2).to_string()},
          {"watch", "watch.sock"},
          {"price", "fixed:140"}};
}

class File {
 public:
  explicit File(const std::string& text)
      : path_(std::filesystem::path(::testing::TempDir()) /
              ("market-config-" + std::to_string(base::random_u64()) + ".toml")) {
    std::ofstream(path_) << text;
  }
  ~File() { std::filesystem::remove(path_); }
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

TEST(Config, TheTerminalSpeaksToGatewaysByTheirNames) {
  Given given = enough();
  given["gateways"] =
      "gw.example:7443#" + key(3).to_string() + ",10.0.0.1:7443#" + key(4).to_string();
  const auto named = read_config(given, no_environment());
  ASSERT_TRUE(named.ok()) << named.error().message;
  EXPECT_EQ(named->web_domains, std::vector<std::string>{"gw.example"})
      << "nothing lies below a numeric address";
  given["web-domains"] = "web.example,localhost:8443";
  const auto said = read_config(given, no_environment());
  ASSERT_TRUE(said.ok()) << said.error().message;
  EXPECT_EQ(said->web_domains, (std::vector<std::string>{"web.example", "localhost:8443"}));
  for (const char* wrong : {"gw.example; script-src *", "*.example", "gw.example:", "10.0.0.1",
                            "gw.example,,", "a.b:1x", "a.a,b.b,c.c,d.d,e.e"}) {
    given["web-domains"] = wrong;
    EXPECT_FALSE(read_config(given, no_environment()).ok()) << wrong;
  }
}

TEST(Config, NamesItsWatchAndTakesNoAttestorsKey) {
  Given given = enough();
  given["watch"] = "/run/obelisk-watch/watch.sock";
  const auto config = read_config(given, no_environment());
  ASSERT_TRUE(config.ok()) << config.error().message;
  EXPECT_EQ(config->watch_socket, "/run/obelisk-watch/watch.sock");
  given["attestor-keypair"] = "attestor.json";
  const auto refused = read_config(given, no_environment());
  ASSERT_FALSE(refused.ok()) << "a key that is named here would lie about where it is safe";
  EXPECT_NE(refused.error().action.find("obelisk-watch"), std::string::npos);
}

TEST(Config, WhatIsNotSaidHasADefault) {
  const auto config = read_config(enough(), environment_of({{"HOME", "/srv/op"}}));
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->listen_address, "127.0.0.1");
  EXPECT_EQ(config->listen_port, 8480);
  EXPECT_EQ(config->rpc_url, "http://127.0.0.1:8899");
  EXPECT_EQ(config->state_dir, "/srv/op/.local/state/obelisk-market");
  EXPECT_EQ(config->market, settlement::market_address(key(1), key(2)).address);
  EXPECT_FALSE(config->local);
  EXPECT_FALSE(config->mainnet);
}

TEST(Config, FlagsWinOverEnvironmentOverFile) {
  const File file(
      "listen = \"127.0.0.1:1\"\nrpc_url = \"http://file:1\"\nstate_dir = \"/file\"\n"
      "local = true\n");
  auto flags = enough();
  flags["config"] = file.path();
  flags["listen"] = "127.0.0.1:3";
  const auto config = read_config(flags, environment_of({{"OBELISK_LISTEN", "127.0.0.1:2"},
                                                         {"OBELISK_RPC_URL", "http://env:2"}}));
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->listen_port, 3);
  EXPECT_EQ(config->rpc_url, "http://env:2");
  EXPECT_EQ(config->state_dir, "/file");
  EXPECT_TRUE(config->local);
  const auto by_variable = read_config(enough(), environment_of({{"OBELISK_CONFIG", file.path()}}));
  ASSERT_TRUE(by_variable);
  EXPECT_EQ(by_variable->listen_port, 1);
}

TEST(Config, AWrongFileSaysWhat) {
  for (const char* text : {"listen = 8480\n", "lisen = \"x\"\n", "local = \"yes\"\n", "= 1\n",
                           "mainnet = true\n", "[listen]\n"}) {
    const File file(text);
    auto flags = enough();
    flags["config"] = file.path();
    const auto config = read_config(flags, no_environment());
    ASSERT_FALSE(config) << text;
    EXPECT_EQ(config.error().code, base::Code::usage);
  }
  auto flags = enough();
  flags["config"] = "/nowhere/market.toml";
  EXPECT_FALSE(read_config(flags, no_environment()));
}

TEST(Config, WhatIsMissingOrContradictsIsUsage) {
  for (const char* missing : {"program", "operator", "watch", "price"}) {
    auto flags = enough();
    flags.erase(missing);
    const auto config = read_config(flags, no_environment());
    ASSERT_FALSE(config) << missing;
    EXPECT_EQ(config.error().code, base::Code::usage);
  }
  auto both = enough();
  both["market"] = key(3).to_string();
  EXPECT_FALSE(read_config(both, no_environment()));
  both.erase("operator");
  EXPECT_EQ(read_config(both, no_environment())->market, key(3));
  auto two_networks = enough();
  two_networks["local"] = two_networks["mainnet"] = "true";
  EXPECT_FALSE(read_config(two_networks, no_environment()));
  auto fixed = enough();
  fixed["mainnet"] = "true";
  fixed["price"] = "live";
  EXPECT_TRUE(read_config(fixed, no_environment()));
  fixed["price"] = "fixed:140";
  EXPECT_FALSE(read_config(fixed, no_environment()));
  auto no_key = enough();
  no_key["program"] = "0OIl";
  EXPECT_FALSE(read_config(no_key, no_environment()));
}

TEST(Config, ADatabaseHasNoPasswordInItsName) {
  Given given = enough();
  given["database"] = "postgresql://market@db.example/market?sslmode=require";
  EXPECT_EQ(read_config(given, no_environment())->database, given["database"]);
  for (const char* wrong : {"mysql://x", "market.sqlite", "postgresql://market:secret@db/market",
                            "postgresql://db/market?user=a&password=secret"}) {
    given["database"] = wrong;
    const auto answer = read_config(given, no_environment());
    ASSERT_FALSE(answer.ok()) << wrong;
    EXPECT_EQ(answer.error().code, base::Code::usage);
    EXPECT_EQ(answer.error().message.find("secret"), std::string::npos);
  }
}

TEST(Config, LimitsAreATableOfTheFile) {
  const File file(
      "trusted_proxies = \"127.0.0.1 10.0.0.0/8\"\n[limits]\nhosts = 20000\n"
      "reads_per_s = 0\n");
  Given given = enough();
  given["config"] = file.path();
  const auto config = read_config(given, no_environment());
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->limits.hosts, 20'000u);
  EXPECT_EQ(config->limits.reads_per_s, 0u);
  EXPECT_EQ(config->limits.body_bytes, Limits{}.body_bytes);
  EXPECT_TRUE(config->trusted_proxies.contains("10.1.2.3"));
  given["limits"] = "hosts=5";
  EXPECT_EQ(read_config(given, no_environment())->limits.hosts, 5u);
  for (const char* text :
       {"limits = \"hosts=1\"\n", "[limits]\nhosts = \"1\"\n", "[limits]\nhost = 1\n",
        "[limits]\nhosts = -1\n", "trusted_proxies = \"example.org\"\n"}) {
    const File wrong(text);
    Given flags = enough();
    flags["config"] = wrong.path();
    const auto refused = read_config(flags, no_environment());
    ASSERT_FALSE(refused) << text;
    EXPECT_EQ(refused.error().code, base::Code::usage);
  }
}

TEST(Config, AddressesToServeOn) {
  EXPECT_EQ(parse_listen("127.0.0.1:0")->port, 0);
  EXPECT_EQ(parse_listen("[::1]:8480")->address, "::1");
  EXPECT_EQ(parse_listen("0.0.0.0:65535")->port, 65'535);
  for (const char* text : {"", ":", "8480", ":8480", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536",
                           "127.0.0.1:-1", "127.0.0.1:80x", "::1:80", "[127.0.0.1]:80", "[]:80"}) {
    EXPECT_FALSE(parse_listen(text)) << text;
  }
}

base::Result<Command> parse(std::vector<std::string> words) {
  words.insert(words.begin(), "obelisk-market");
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  return parse_command_line(static_cast<int>(pointers.size()), pointers.data(), no_environment());
}

TEST(CommandLine, ServesOrCreatesAMarket) {
  const auto serve =
      parse({"--program", key(1).to_string(), "--operator", key(2).to_string(), "--watch", "w.sock",
             "--price", "fixed:140", "--local", "--rpc", "localhost"});
  ASSERT_TRUE(serve) << serve.error().message;
  ASSERT_TRUE(std::holds_alternative<Config>(*serve));
  EXPECT_TRUE(std::get<Config>(*serve).local);

  std::vector<std::string> words{"create-market",      "--program",  key(1).to_string(),
                                 "--operator-keypair", "o.json",     "--treasury",
                                 key(2).to_string(),   "--attestor", key(3).to_string(),
                                 "--fee-bps",          "250"};
  const auto create = parse(words);
  ASSERT_TRUE(create) << create.error().message;
  ASSERT_TRUE(std::holds_alternative<MarketRequest>(*create));
  const auto& request = std::get<MarketRequest>(*create);
  EXPECT_EQ(request.terms.fee_bps, 250);
  EXPECT_EQ(request.terms.ready_deadline_s, 60u);
  EXPECT_EQ(request.terms.paused, 0);
  EXPECT_EQ(escrow::to_public_key(request.terms.attestor), key(3));
  for (const auto& [flag, value] : std::vector<std::pair<std::string, std::string>>{
           {"--ready-deadline-s", "29"}, {"--gap-limit-s", "601"}, {"--claim-window-s", "599"}}) {
    auto wrong = words;
    wrong.insert(wrong.end(), {flag, value});
    EXPECT_FALSE(parse(wrong)) << flag;
  }
  words.back() = "1001";
  EXPECT_FALSE(parse(words));
}

}  // namespace
}  // namespace obelisk::market_app
