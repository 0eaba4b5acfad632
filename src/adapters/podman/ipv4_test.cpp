#include "adapters/podman/ipv4.hpp"

#include <gtest/gtest.h>

namespace obelisk::podman {
namespace {

TEST(Ipv4, AddressesAndNetworksReadAndWrite) {
  EXPECT_EQ(address_text(*parse_address("10.213.64.1")), "10.213.64.1");
  EXPECT_EQ(network_text(*parse_network("10.1.2.3/8")), "10.0.0.0/8");
  EXPECT_EQ(network_text(*parse_network("10.1.2.3")), "10.1.2.3/32");
  EXPECT_EQ(network_text(*parse_network("0.0.0.0/0")), "0.0.0.0/0");
  for (const char* bad : {"", "10", "10.1.2", "10.1.2.256", "10.1.2.3/33", "10.1.2.3/-1",
                          "10.1.2.3/", "10.1.2.3/8x", "::1", "1.1.1.1 ", "default"}) {
    EXPECT_FALSE(parse_network(bad).has_value()) << bad;
  }
}

TEST(Ipv4, Overlap) {
  auto net = [](const char* text) { return *parse_network(text); };
  EXPECT_TRUE(overlap(net("10.0.0.0/8"), net("10.213.64.0/30")));
  EXPECT_TRUE(overlap(net("10.213.64.0/30"), net("10.0.0.0/8")));
  EXPECT_TRUE(overlap(net("10.213.64.3"), net("10.213.64.0/30")));
  EXPECT_FALSE(overlap(net("10.213.64.4"), net("10.213.64.0/30")));
  EXPECT_TRUE(overlap(net("0.0.0.0/0"), net("1.2.3.4")));
}

constexpr const char* kRoutes = R"([
  {"dst":"default","gateway":"192.0.2.1","dev":"eth0","flags":[]},
  {"dst":"0.0.0.0/0","dev":"ppp0"},
  {"dst":"172.16.5.0/24","gateway":"192.0.2.9","dev":"eth0"},
  {"dst":"192.0.2.0/24","dev":"eth0","scope":"link","prefsrc":"192.0.2.2"},
  {"type":"local","dst":"192.0.2.2","dev":"eth0","table":"local"},
  {"dst":"192.0.2.0/24","dev":"eth0"}, 7, {"dst":8}, {}])";

TEST(Ipv4, RoutesSayWhatTheMachineUses) {
  auto used = networks_in_routes(kRoutes);
  ASSERT_TRUE(used.ok());
  std::vector<std::string> texts;
  for (const Network& network : *used) texts.push_back(network_text(network));
  EXPECT_EQ(texts, (std::vector<std::string>{"172.16.5.0/24", "192.0.2.0/24", "192.0.2.2/32"}));
}

// What is behind a gateway is the world; a default route without one is the world too.
TEST(Ipv4, NeighboursAreOnALinkOfOurs) {
  auto near = neighbours_in_routes(kRoutes);
  ASSERT_TRUE(near.ok());
  ASSERT_EQ(near->size(), 2u);
  EXPECT_EQ(network_text((*near)[0]), "192.0.2.0/24");
}

TEST(Ipv4, NoListIsAnError) {
  EXPECT_FALSE(networks_in_routes("").ok());
  EXPECT_FALSE(networks_in_routes("{}").ok());
  EXPECT_FALSE(networks_in_routes("[").ok());
}

}  // namespace
}  // namespace obelisk::podman
