#include "apps/host/config.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace obelisk::host {
namespace {

base::Result<Config> read(const std::string& text) {
  const auto path = std::filesystem::temp_directory_path() /
                    ("obelisk-config-" + std::to_string(getpid()) + ".toml");
  std::ofstream(path) << text;
  auto config = read_config(path, Config{});
  std::filesystem::remove(path);
  return config;
}

TEST(HostConfig, ReadsWhatItKnows) {
  const auto config = read(
      "keypair = \"host.json\"\nallow_cpu = true\nusd_per_hour = \"0.88\"\n"
      "max_seconds = 86400\nresolvers = [\"9.9.9.9\"]\n");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->keypair, "host.json");
  EXPECT_TRUE(config->allow_cpu);
  EXPECT_EQ(config->micro_usd_per_hour, 880'000u);
  EXPECT_EQ(config->max_seconds, 86'400u);
  EXPECT_EQ(config->resolvers, std::vector<std::string>{"9.9.9.9"});
}

TEST(HostConfig, RefusesMistakesByName) {
  for (const char* text :
       {"usd_per_huor = \"0.88\"\n", "allow_cpu = \"yes\"\n", "usd_per_hour = 0.88\n",
        "max_seconds = -1\n", "max_seconds = 4294967296\n", "resolvers = \"9.9.9.9\"\n", "= 1\n"}) {
    const auto config = read(text);
    ASSERT_FALSE(config) << text;
    EXPECT_EQ(config.error().code, base::Code::usage);
  }
}

TEST(HostConfig, PricesAreExact) {
  EXPECT_EQ(*micro_usd_from("1.38"), 1'380'000u);
  EXPECT_EQ(*micro_usd_from("1000"), 1'000'000'000u);
  EXPECT_EQ(*micro_usd_from("0.000001"), 1u);
  for (const char* text : {"", "0", "-1", "1,5", "1.0000001", "1001", "nan", "1e3", ".5", " 1"}) {
    EXPECT_FALSE(micro_usd_from(text)) << text;
  }
}

}  // namespace
}  // namespace obelisk::host
