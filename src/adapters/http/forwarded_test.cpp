#include "adapters/http/forwarded.hpp"

#include <gtest/gtest.h>

namespace obelisk::http {
namespace {

TEST(TrustedProxies, AddressesAndRanges) {
  const auto proxies = TrustedProxies::parse("127.0.0.1, 10.0.0.0/8 fd00::/7");
  ASSERT_TRUE(proxies) << proxies.error().message;
  for (const char* trusted : {"127.0.0.1", "10.255.0.1", "::ffff:10.0.0.1", "fd12::1", "fc00::"}) {
    EXPECT_TRUE(proxies->contains(trusted)) << trusted;
  }
  for (const char* other : {"127.0.0.2", "11.0.0.1", "fe80::1", "::1", "", "x", "10.0.0.1:80"}) {
    EXPECT_FALSE(proxies->contains(other)) << other;
  }
  EXPECT_TRUE(TrustedProxies::parse(" , ")->empty());
  EXPECT_FALSE(TrustedProxies().contains("127.0.0.1"));
  EXPECT_TRUE(TrustedProxies::parse("0.0.0.0/0")->contains("203.0.113.9"));
  EXPECT_FALSE(TrustedProxies::parse("0.0.0.0/0")->contains("2001:db8::1"));
  for (const char* wrong : {"proxy.example", "10.0.0.0/33", "10.0.0.0/", "::/129", "10.0.0.0/-1",
                            "127.0.0.1:80", "[::1]"}) {
    const auto answer = TrustedProxies::parse(wrong);
    ASSERT_FALSE(answer) << wrong;
    EXPECT_EQ(answer.error().code, base::Code::usage);
  }
}

TEST(TrustedProxies, OnlyATrustedPeerSaysWhoAsked) {
  const auto proxies = *TrustedProxies::parse("127.0.0.1 10.0.0.0/8");
  EXPECT_EQ(proxies.client_of("203.0.113.9", "198.51.100.1"), "203.0.113.9");
  EXPECT_EQ(proxies.client_of("127.0.0.1", ""), "127.0.0.1");
  EXPECT_EQ(proxies.client_of("127.0.0.1", "198.51.100.1"), "198.51.100.1");
  // What stands further left was sent by whoever asked, and may be anything.
  EXPECT_EQ(proxies.client_of("127.0.0.1", "1.2.3.4, 198.51.100.1"), "198.51.100.1");
  EXPECT_EQ(proxies.client_of("127.0.0.1", "1.2.3.4,198.51.100.1 , 10.1.1.1"), "198.51.100.1");
  EXPECT_EQ(proxies.client_of("127.0.0.1", "2001:db8::7"), "2001:db8::7");
  EXPECT_EQ(proxies.client_of("127.0.0.1", "1.2.3.4, unknown"), "127.0.0.1");
  EXPECT_EQ(proxies.client_of("127.0.0.1", "10.1.1.1"), "10.1.1.1");
  std::string endless = "1.2.3.4";
  for (int i = 0; i < 100; ++i) endless += ",10.0.0.1";
  EXPECT_EQ(proxies.client_of("127.0.0.1", endless), "10.0.0.1");
  EXPECT_EQ(TrustedProxies().client_of("127.0.0.1", "1.2.3.4"), "127.0.0.1");
}

TEST(AddressGroup, IsWhatOnePersonHas) {
  EXPECT_EQ(address_group("10.0.0.1"), address_group("::ffff:10.0.0.1"));
  EXPECT_NE(address_group("10.0.0.1"), address_group("10.0.0.2"));
  EXPECT_EQ(address_group("2001:db8::1"), address_group("2001:db8::ffff:2"));
  EXPECT_NE(address_group("2001:db8::1"), address_group("2001:db8:0:1::1"));
  EXPECT_EQ(address_group("what"), "what");
}

}  // namespace
}  // namespace obelisk::http
