#include "apps/watch/options.hpp"

#include <gtest/gtest.h>

#include "core/market/terms_testing.hpp"
#include "core/settlement/settlement.hpp"

namespace obelisk::watch_app {
namespace {

const std::string program_key = market::testing::key(1).to_string();
const std::string operator_key = market::testing::key(2).to_string();

base::Result<std::variant<Finished, Options>> parse(std::vector<std::string> words) {
  words.insert(words.begin(), "obelisk-watch");
  std::vector<char*> raw;
  for (std::string& word : words) raw.push_back(word.data());
  return parse_options(static_cast<int>(raw.size()), raw.data(), [](const char* name) {
    return std::string_view(name) == "HOME" ? std::optional<std::string>("/srv/w") : std::nullopt;
  });
}

TEST(WatchOptions, WhatIsNotSaidHasADefault) {
  const auto parsed = parse({"--program", program_key, "--operator", operator_key,
                             "--attestor-keypair", "a.json,b.json"});
  ASSERT_TRUE(parsed.ok()) << parsed.error().message;
  const auto& options = std::get<Options>(*parsed);
  EXPECT_EQ(options.state_dir, "/srv/w/.local/state/obelisk-watch");
  EXPECT_EQ(options.socket, options.state_dir + "/watch.sock");
  EXPECT_EQ(options.rpc_url, "http://127.0.0.1:8899");
  EXPECT_EQ(options.attestor_keypairs, (std::vector<std::string>{"a.json", "b.json"}));
  EXPECT_EQ(options.market,
            settlement::market_address(market::testing::key(1), market::testing::key(2)).address);
  EXPECT_FALSE(options.market_user);
}

TEST(WatchOptions, NamesTheMarketsUser) {
  const auto user = [](const std::string& name) {
    const auto parsed =
        parse({"--program", program_key, "--market", operator_key, "--attestor-keypair", "a.json",
               "--listen", "/run/watch.sock", "--market-user", name});
    return parsed ? std::get<Options>(*parsed).market_user : std::optional<uid_t>();
  };
  EXPECT_EQ(user("1234"), 1234u);
  EXPECT_EQ(user("root"), 0u);
  EXPECT_FALSE(user("nobody-of-that-name"));
  const auto alone = parse({"--program", program_key, "--market", operator_key,
                            "--attestor-keypair", "a.json", "--market-user", "root"});
  ASSERT_FALSE(alone);
  EXPECT_NE(alone.error().action.find("--listen"), std::string::npos)
      << "that user could not enter --state";
}

TEST(WatchOptions, WhatIsMissingOrWrongIsSaid) {
  EXPECT_FALSE(parse({}));
  EXPECT_FALSE(parse({"--program", program_key, "--operator", operator_key}));
  EXPECT_FALSE(parse({"--program", "x", "--operator", operator_key, "--attestor-keypair", "a"}));
  EXPECT_FALSE(parse({"--program", program_key, "--operator", operator_key, "--market",
                      operator_key, "--attestor-keypair", "a"}));
  for (const char* wrong : {"a,,b", ",a", "a,a", "1,2,3,4,5,6,7,8,9"}) {
    EXPECT_FALSE(key_files(wrong).ok()) << wrong;
  }
}

}  // namespace
}  // namespace obelisk::watch_app
