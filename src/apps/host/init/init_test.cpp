#include <gtest/gtest.h>

#include <fstream>

#include "apps/host/init/init_report.hpp"
#include "apps/host/init/places.hpp"
#include "apps/host/init/settings_text.hpp"

namespace obelisk::host {
namespace {

TEST(UsualPlaces, AreTheHomesOrBelowVarLib) {
  const Places root = usual_places("/srv/ada", "", true);
  EXPECT_EQ(root.config, "/srv/ada/.config/obelisk/host.toml");
  EXPECT_EQ(root.wallet, "/srv/ada/.config/obelisk/host-wallet.json");
  EXPECT_EQ(root.state, "/var/lib/obelisk/host");
  EXPECT_EQ(usual_places("/srv/ada", "/c", true).config, "/c/obelisk/host.toml");
  EXPECT_EQ(usual_places("/srv/ada", "relative", true).config, root.config);
  EXPECT_EQ(usual_places("/srv/a", "", false).images, "/srv/a/.local/share/obelisk/images");
  EXPECT_TRUE(usual_places("", "", false).config.empty());
  EXPECT_TRUE(usual_places("", "", false).state.empty());
}

base::Result<Config> read_back(const std::string& text) {
  const std::string file = testing::TempDir() + "/obelisk-settings-test.toml";
  std::ofstream(file) << text;
  return read_config(file, {});
}

TEST(SettingsText, ReadsBackAsItWasMeant) {
  Config config;
  config.keypair = "/k/a \"b\"\\c\x7f.json";
  config.state_dir = "/s";
  config.images_dir = "/i";
  config.market_url = "http://m";
  config.rpc_url = "http://r,http://q";
  config.mainnet = true;
  config.micro_usd_per_hour = 1'380'000;
  config.ssh_address = "203.0.113.9";
  config.region = "Köln";
  config.allow_cpu = true;
  config.disk_bytes = 5;
  const auto read = read_back(settings_text(config, "As you said."));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->keypair, config.keypair);
  EXPECT_EQ(read->state_dir, config.state_dir);
  EXPECT_EQ(read->images_dir, config.images_dir);
  EXPECT_EQ(read->market_url, config.market_url);
  EXPECT_EQ(read->rpc_url, config.rpc_url);
  EXPECT_TRUE(read->mainnet && read->allow_cpu);
  EXPECT_EQ(read->micro_usd_per_hour, config.micro_usd_per_hour);
  EXPECT_EQ(read->ssh_listen, config.ssh_listen);
  EXPECT_EQ(read->ssh_address, config.ssh_address);
  EXPECT_EQ(read->region, config.region);
  EXPECT_EQ(read->disk_bytes, 5U);
}

TEST(SettingsText, WhatIsNotKnownIsAComment) {
  const auto read = read_back(settings_text({}, "There was no card."));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_TRUE(read->market_url.empty() && read->rpc_url.empty() && read->region.empty());
  EXPECT_EQ(read->micro_usd_per_hour, 0U);
  EXPECT_FALSE(read->mainnet || read->allow_cpu);
}

TEST(Dollars, AreWrittenAsTheyAreRead) {
  EXPECT_EQ(dollars_from(1'380'000), "1.38");
  EXPECT_EQ(dollars_from(2'000'000), "2.00");
  EXPECT_EQ(dollars_from(1), "0.000001");
  EXPECT_EQ(dollars_from(123'456'780), "123.45678");
  for (const std::uint64_t price : {1ull, 99ull, 1'000'000'000ull, 880'000ull}) {
    EXPECT_EQ(*micro_usd_from(dollars_from(price)), price);
  }
}

TEST(NextSteps, NameWhatIsMissingAndNoMore) {
  InitReport report;
  report.config = "/c.toml";
  report.images_dir = "/i";
  report.wallet = "W";
  auto steps = next_steps(report);
  ASSERT_EQ(steps.size(), 5U);
  EXPECT_EQ(steps[0], "Name market_url and rpc_url in /c.toml");
  EXPECT_NE(steps[1].find("at least 0.002 SOL to W"), std::string::npos) << steps[1];
  EXPECT_EQ(steps[2], "Make the lease image, once: images/build /i");
  report.has_market = report.has_node = report.has_image = true;
  report.balance = kFirstLamports - 1;
  EXPECT_EQ(next_steps(report).size(), 3U) << "a wallet that holds too little";
  report.balance = kFirstLamports;
  report.flag = " --config /c.toml";
  steps = next_steps(report);
  EXPECT_EQ(steps, (std::vector<std::string>{"obelisk-host check --config /c.toml",
                                             "obelisk-host run --config /c.toml"}));
}

}  // namespace
}  // namespace obelisk::host
