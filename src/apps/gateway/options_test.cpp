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

TEST(GatewayOptions, WhoIsAlwaysLetInIsNamedByNumber) {
  const auto let_in = [](const std::string& addresses) {
    return parse({"--told-address", "gw", "--attestor", attestor_key, "--state", "s",
                  "--always-let-in", addresses});
  };
  const auto two = let_in("192.0.2.1,2001:DB8:0::1");
  ASSERT_TRUE(two) << two.error().message;
  EXPECT_EQ(std::get<Options>(*two).gateway.always_let_in,
            (std::vector<std::string>{"192.0.2.1", "2001:db8::1"}))
      << "as visitors' addresses are compared";
  EXPECT_FALSE(let_in("watch.example"));
}

TEST(GatewayOptions, TheWebDoorsAreReadAndChecked) {
  const std::vector<std::string> good{"--told-address", "gw",      "--attestor",
                                      attestor_key,     "--state", "s"};
  const auto with = [&](const std::vector<std::string>& more) {
    auto words = good;
    words.insert(words.end(), more.begin(), more.end());
    return words;
  };
  const auto parsed = parse(with({"--web", "0.0.0.0:8443", "--web-domain", "gw.example:443",
                                  "--certificate", "c", "--certificate-key", "k"}));
  ASSERT_TRUE(parsed) << parsed.error().message;
  const auto& web = std::get<Options>(*parsed).gateway.web;
  EXPECT_EQ(web.address, "0.0.0.0");
  EXPECT_EQ(web.port, 8443);
  EXPECT_EQ(web.domain, "gw.example");
  EXPECT_EQ(web.told_port, 443);
  EXPECT_EQ(web.kept_file, "s/public.json");
  EXPECT_EQ(std::get<Options>(*parse(good)).gateway.web.address, "") << "there is none";
  const auto words = [&](const std::vector<std::string>& more) { return why(with(more)); };
  EXPECT_NE(words({"--web-domain", "gw"}).find("--web is missing"), std::string::npos);
  EXPECT_NE(words({"--certificate", "c"}).find("--web is missing"), std::string::npos);
  for (const std::string name : {"", "Gw", "gw/", ".gw", "gw.", "*.gw"}) {
    EXPECT_NE(words({"--web", "127.0.0.1:0", "--web-domain", name}).find("is no name"),
              std::string::npos)
        << name;
  }
  EXPECT_NE(words({"--web", "127.0.0.1:0", "--web-domain", "gw", "--certificate", "c"})
                .find("needs its key"),
            std::string::npos);
  EXPECT_NE(words({"--web", "443", "--web-domain", "gw"}).find("has no port"), std::string::npos);
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
