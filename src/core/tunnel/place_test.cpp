#include "core/tunnel/place.hpp"

#include <gtest/gtest.h>

namespace obelisk::tunnel {
namespace {

std::string key_text() {
  base::PublicKey key;
  key.bytes.fill(5);
  return key.to_string();
}

TEST(TunnelPlace, IsReadAndWritten) {
  for (const std::string at : {"gw.example:7443", "203.0.113.7:1", "[2001:db8::1]:65535"}) {
    const std::string text = at + "#" + key_text();
    const auto place = parse_place(text);
    ASSERT_TRUE(place) << place.error().message;
    EXPECT_EQ(to_string(*place), text);
  }
  EXPECT_EQ(parse_place("[::1]:5#" + key_text())->host, "::1");
}

TEST(TunnelPlace, WhatIsWrongIsNamed) {
  const std::string key = "#" + key_text();
  const auto why = [](const std::string& text) {
    const auto place = parse_place(text);
    return place ? "nothing" : place.error().message;
  };
  EXPECT_NE(why("gw.example:7443").find("key is missing"), std::string::npos);
  EXPECT_NE(why("gw.example:7443#abc").find("no key"), std::string::npos);
  EXPECT_NE(why("gw.example" + key).find("port is missing"), std::string::npos);
  for (const std::string port : {":0", ":65536", ":7x", ":", ":-1"}) {
    EXPECT_NE(why("gw.example" + port + key).find("port is none"), std::string::npos) << port;
  }
  for (const std::string name : {"", "-x", "a b", "a/b", "::1", "[gw.example]", "ä"}) {
    EXPECT_NE(why(name + ":7443" + key).find("name is none"), std::string::npos) << name;
  }
}

TEST(TunnelPlace, SeveralWithCommasBetween) {
  const std::string key = "#" + key_text();
  EXPECT_TRUE(parse_places("")->empty());
  const auto other = [](std::uint8_t fill) {
    base::PublicKey its;
    its.bytes.fill(fill);
    return "#" + its.to_string();
  };
  EXPECT_EQ(parse_places("a:1" + key + ",a:2" + other(6))->size(), 2u);
  EXPECT_FALSE(parse_places("a:1" + key + ",b:2" + key)) << "one gateway under two names";
  EXPECT_FALSE(parse_places("a:1" + key + ",,b:2" + other(6)));
  std::string many;
  for (std::size_t i = 0; i <= kMaxPlaces; ++i) {
    many += "a:1" + other(static_cast<std::uint8_t>(20 + i)) + ",";
  }
  EXPECT_FALSE(parse_places(many));
}

}  // namespace
}  // namespace obelisk::tunnel
