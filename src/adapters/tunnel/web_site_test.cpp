// What browsers make of leases that are one site to them.
#include <gtest/gtest.h>

#include "adapters/tunnel/visiting.hpp"
#include "adapters/tunnel/web_testing.hpp"

namespace obelisk::tunnel {
namespace {

using http::testing::eventually;
using testing::status_of;
using testing::WebWorld;

class WebSite : public ::testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(WithAndWithoutTls, WebSite, ::testing::Bool(),
                         [](const auto& chosen) { return chosen.param ? "tls" : "plain"; });

// Two leases are one site to a browser: a page of another one may ask on the same connection.
TEST_P(WebSite, ABrowsersConnectionCarriesOneRequestAndNoMore) {
  const testing::EchoServer server;
  WebWorld world(GetParam());
  world.start();
  world.publish(1);
  const auto port = server.port();
  const std::string cookie = std::string(GetParam() ? "__Host-obelisk-pass=" : "obelisk-pass=") +
                             to_text(world.pass(port)) + "\r\n";
  const std::string fields = "Cookie: " + cookie + "Content-Length: 4\r\n";
  const auto visitor = world.client(port);
  ASSERT_TRUE(visitor->send(world.head(port, "POST /one", fields) + "ab"));
  EXPECT_NE(visitor->read_until("ab").find("Connection: close\r\n\r\nab"), std::string::npos);
  ASSERT_TRUE(visitor->send("cd"));
  EXPECT_EQ(visitor->read_until("cd"), "cd") << "its body is handed on whole";
  (void)visitor->send(world.head(port, "POST /two", fields + "Origin: https://evil.example\r\n"));
  EXPECT_EQ(visitor->read_all().find("/two"), std::string::npos) << "the server never hears of it";
  EXPECT_TRUE(eventually([&] { return world.gateway->figures().visitors == 0; }));
  const auto both = world.client(port);
  ASSERT_TRUE(both->send(world.head(port, "GET /one", "Cookie: " + cookie) +
                         world.head(port, "GET /two", "Cookie: " + cookie)));
  EXPECT_EQ(status_of(both->read_all()), 411u);
  EXPECT_EQ(
      status_of(world.ask(port, "POST /", "Cookie: " + cookie + "Transfer-Encoding: chunked\r\n")),
      411u);
}

TEST(WebLimits, AFullPortKeepsNobodyFromLoggingIn) {
  const testing::EchoServer server;
  WebWorld world(false);
  world.options.max_visitors_per_lease = 1;
  world.start();
  const auto ssh_port = world.publish(server.port());
  const auto port = server.port();
  const auto shown = world.shown(world.pass(port));
  const auto inside = world.client(port);
  ASSERT_TRUE(inside->send(world.head(port, "GET /", shown)));
  EXPECT_NE(inside->read_until("\r\n\r\n"), "");
  EXPECT_EQ(status_of(world.ask(port, "GET /", shown)), 429u);
  const auto login = http::testing::RawSocket::connect(ssh_port);
  ASSERT_TRUE(login.send("a."));
  EXPECT_EQ(login.read_until("."), "a.");
}

TEST(WebLimits, OneCustomersAddressesCountAsOne) {
  EXPECT_EQ(block_of("192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(block_of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
  EXPECT_EQ(block_of("2001:db8:1:2::9"), block_of("2001:db8:1:2:ffff::1"));
  EXPECT_EQ(block_of(""), "");
}

}  // namespace
}  // namespace obelisk::tunnel
