#include "apps/gateway/options.hpp"

#include <gtest/gtest.h>

namespace obelisk::gateway {
namespace {

const std::string attestor_key = "4vJ9JU1bJJE96FWSJKvHsmmFADCg4gpZQff4P3bkLKi";

base::Result<std::variant<Options, Finished>> parse(std::vector<std::string> words) {
  words.insert(words.begin(), "obelisk-gateway");
  std::vector<char*> argv;
  for (auto& word : words) argv.push_back(word.data());
  return parse_command_line(static_cast<int>(argv.size()), argv.data());
}

std::string why(const std::vector<std::string>& words) {
  const auto parsed = parse(words);
  return parsed ? "" : parsed.error().message;
}

TEST(GatewayOptions, AreReadAndChecked) {
  const auto parsed =
      parse({"--listen", "[::1]:0", "--visitors", "127.0.0.1:20000-20009", "--told-address",
             "gw.example", "--attestor", attestor_key, "--state", "s", "--status", "127.0.0.1:0"});
  ASSERT_TRUE(parsed) << parsed.error().message;
  const auto& options = std::get<Options>(*parsed);
  EXPECT_EQ(options.gateway.host_address, "::1");
  EXPECT_EQ(options.gateway.visitor_ports.first, 20'000);
  EXPECT_EQ(options.gateway.visitor_ports.last, 20'009);
  EXPECT_EQ(options.key_file, "s/gateway.json");
  EXPECT_EQ(options.status_address, "127.0.0.1");
  EXPECT_FALSE(options.gateway.is_plain);
}

TEST(GatewayOptions, WhatIsMissingOrWrongIsNamed) {
  EXPECT_NE(why({"--told-address", "gw"}).find("--attestor is missing"), std::string::npos);
  EXPECT_NE(why({"--attestor", attestor_key}).find("--told-address is missing"), std::string::npos);
  EXPECT_NE(why({"--attestor", "x", "--told-address", "gw"}).find("not an address"),
            std::string::npos);
  for (const std::string address : {"gw example", "gw.example:22", "-gw", "gw\xc3\xa4"}) {
    EXPECT_NE(why({"--told-address", address, "--attestor", attestor_key}).find("no address"),
              std::string::npos)
        << address;
  }
  const std::vector<std::string> good{"--told-address", "gw", "--attestor", attestor_key};
  const auto with = [&](const std::string& flag, const std::string& value) {
    auto words = good;
    words.insert(words.end(), {flag, value});
    return why(words);
  };
  EXPECT_NE(with("--listen", "7443"), "");
  EXPECT_NE(with("--listen", "a:99999"), "");
  for (const std::string ports : {"a:0-5", "a:9-5", "a:", "a:5-", "a:5-x"}) {
    EXPECT_NE(with("--visitors", ports), "") << ports;
  }
  EXPECT_EQ(parse_port_range("4711")->last, 4711);
}

}  // namespace
}  // namespace obelisk::gateway
