#include "core/identity/origins.hpp"

#include <gtest/gtest.h>

namespace obelisk::identity {
namespace {

TEST(Origins, AHostIsFoundByItsExactName) {
  const auto origins = Origins::parse("https://Market.Example:443,http://m.example:8080/");
  ASSERT_TRUE(origins);
  EXPECT_EQ(origins->find("market.example"), (Origin{"https://market.example", "market.example"}));
  EXPECT_EQ(origins->find("MARKET.example"), origins->find("market.example"));
  EXPECT_EQ(origins->find("m.example:8080")->url, "http://m.example:8080");
  for (const char* host : {"", "market.example:444", "m.example", "evil.example", "127.0.0.1",
                           "market.example.evil.example", "market.example\n"}) {
    EXPECT_FALSE(origins->find(host)) << host;
  }
}

TEST(Origins, WithoutAnyOnlyThisMachinesOwnNamesCount) {
  const auto origins = Origins::local("192.168.1.5");
  for (const char* host : {"127.0.0.1", "127.0.0.1:8480", "localhost:1", "[::1]:8480", "LOCALHOST",
                           "192.168.1.5:8480"}) {
    ASSERT_TRUE(origins.find(host)) << host;
  }
  EXPECT_EQ(origins.find("127.0.0.1:8480"), (Origin{"http://127.0.0.1:8480", "127.0.0.1:8480"}));
  for (const char* host : {"", "127.0.0.1.evil.example", "evil.example", "127.0.0.1:x",
                           "localhost:80:80", "[::1", "[::1]x", "localhost/", "192.168.1.6"}) {
    EXPECT_FALSE(origins.find(host)) << host;
  }
}

TEST(Origins, WhatIsNoneIsRefusedAtTheStart) {
  for (const char* text : {"", "market.example", "ftp://a", "https://", "https://a/b", "https://a,",
                           "https://u:p@a", "https://a b", "https://a:b"}) {
    EXPECT_FALSE(Origins::parse(text)) << text;
  }
  std::string many = "https://a";
  for (int i = 0; i < 8; ++i) many += ",https://a";
  EXPECT_FALSE(Origins::parse(many));
}

}  // namespace
}  // namespace obelisk::identity
