// Gateway and dialer with real sockets: visitors get through, both ways, over everything that can
// go wrong between the two; strangers and other hosts do not.
#include <gtest/gtest.h>

#include "adapters/http/testing.hpp"
#include "adapters/tunnel/end.hpp"
#include "adapters/tunnel/testing.hpp"

namespace obelisk::tunnel {
namespace {

using http::testing::eventually;
using http::testing::noise;
using http::testing::RawServer;
using http::testing::RawSocket;
using http::testing::Stopwatch;
using std::chrono::milliseconds;
using testing::Quoted;
using testing::World;

class Tunnel : public ::testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(WithAndWithoutTls, Tunnel, ::testing::Bool(),
                         [](const auto& chosen) { return chosen.param ? "plain" : "tls"; });

TEST_P(Tunnel, CarriesTenMegabytesBothWaysAndHalfCloses) {
  constexpr std::size_t kSize = 10 << 20;
  const std::string up = noise(kSize);
  const std::string down(kSize, 'd');
  std::string arrived;
  const RawServer target([&](RawSocket& socket) {
    std::thread sender([&] { EXPECT_TRUE(socket.send(down)); });
    arrived = socket.read_all();
    sender.join();
    socket.send("after your end");
  });
  World world(GetParam());
  world.start();
  const auto port = world.publish(target.port());
  ASSERT_NE(port, 0);
  const auto socket = RawSocket::connect(port);
  std::thread sender([&] {
    EXPECT_TRUE(socket.send(up));
    socket.shut_down_sending();
  });
  const std::string back = socket.read_all();
  sender.join();
  EXPECT_EQ(back.size(), kSize + 14);
  EXPECT_TRUE(back.ends_with("after your end"));
  EXPECT_TRUE(arrived == up);
  EXPECT_TRUE(eventually([&] { return world.gateway->figures().visitors == 0; }));
  const auto figures = world.gateway->figures();
  EXPECT_EQ(figures.bytes_up, kSize);
  EXPECT_EQ(figures.bytes_down, kSize + 14);
}

TEST_P(Tunnel, ManyVisitorsAtOnceEachGetAStreamOfTheirOwn) {
  const testing::EchoServer target;
  World world(GetParam());
  world.start();
  const auto port = world.publish(target.port());
  std::vector<RawSocket> visitors;
  for (int i = 0; i < 40; ++i) visitors.push_back(RawSocket::connect(port));
  for (std::size_t i = 0; i < visitors.size(); ++i) {
    const std::string word = "visitor " + std::to_string(i) + ".";
    ASSERT_TRUE(visitors[i].send(word));
    EXPECT_EQ(visitors[i].read_until("."), word);
  }
  EXPECT_EQ(world.gateway->figures().visitors, 40u);
  visitors.clear();
  EXPECT_TRUE(eventually([&] { return world.gateway->figures().visitors == 0; }));
}

TEST_P(Tunnel, ASlowReaderHoldsUpNobodyElse) {
  const testing::EchoServer target;
  World world(GetParam());
  world.start();
  const auto port = world.publish(target.port());
  const auto slow = RawSocket::connect(port);
  std::thread flood([&] { slow.send(noise(30 << 20)); });  // nobody reads its echo
  const auto quick = RawSocket::connect(port);
  ASSERT_TRUE(quick.send("ping."));
  EXPECT_EQ(quick.read_until("."), "ping.");
  world.dialer->stop();  // ends the flood
  flood.join();
}

TEST(TunnelTrust, AnotherHostsLeaseIsNotPublished) {
  World world(false);
  world.start();
  Quoted stranger = world.quoted(9);
  auto terms = stranger.terms;
  terms.host = testing::key(77);
  const auto other = world.sign(terms);
  world.dialer->publish(other.publication("127.0.0.1", 1));
  EXPECT_TRUE(eventually([&] { return world.said("another host's"); }));
  EXPECT_EQ(world.gateway->figures().leases, 0u);
}

TEST(TunnelTrust, AGatewayWithAnotherKeyIsNotTalkedTo) {
  World world(false);
  ASSERT_TRUE(world.start_gateway());
  auto place = world.place();
  place.key = testing::key(3);
  world.start_dialer({place});
  EXPECT_TRUE(eventually([&] { return world.said("is not that gateway"); }));
  EXPECT_EQ(world.gateway->figures().hosts, 0u);
}

TEST(TunnelTrust, AHelloIsGoodForOneConnectionOnly) {
  // Without TLS, the hardest case: what one connection's host said is said again on another.
  World world(true);
  ASSERT_TRUE(world.start_gateway());
  const auto nonce_of = [](const RawSocket& socket) {
    const auto nonce = decode_greeting(base::view_of(socket.read_some()));
    EXPECT_TRUE(nonce);
    return nonce.value_or(Nonce{});
  };
  const auto first = RawSocket::connect(world.place().port);
  const Nonce nonce = nonce_of(first);
  const auto message = hello_message(Kind::control, {}, nonce, world.place().key, {});
  const auto bytes =
      encode_hello({Kind::control, {}, world.host.public_key(), world.host.sign(message)});
  const std::string hello(bytes.begin(), bytes.end());
  ASSERT_TRUE(first.send(hello));
  EXPECT_TRUE(eventually([&] { return world.gateway->figures().hosts == 1; }));
  const auto second = RawSocket::connect(world.place().port);
  nonce_of(second);
  ASSERT_TRUE(second.send(hello));
  EXPECT_EQ(second.read_all(), "") << "it is closed";
  EXPECT_EQ(world.gateway->figures().hosts, 1u);
}

TEST(TunnelTrust, NoiseIsClosed) {
  World world(true);
  ASSERT_TRUE(world.start_gateway());
  const auto socket = RawSocket::connect(world.place().port);
  EXPECT_EQ(socket.read_some().size(), kGreetingBytes);
  ASSERT_TRUE(socket.send(std::string(500, 'x')));
  EXPECT_EQ(socket.read_all(), "");
}

TEST(TunnelLife, AGatewayThatComesBackGivesTheSamePort) {
  const testing::EchoServer target;
  World world(false);
  world.start();
  const auto port = world.publish(target.port());
  const auto before = RawSocket::connect(port);
  ASSERT_TRUE(before.send("a."));
  EXPECT_EQ(before.read_until("."), "a.");
  world.restart_gateway();
  EXPECT_TRUE(eventually([&] { return world.gateway->figures().leases == 1; }, 10'000));
  EXPECT_TRUE(eventually([&] { return world.way_port() == port; }, 10'000));
  const auto after = RawSocket::connect(port);
  ASSERT_TRUE(after.send("b."));
  EXPECT_EQ(after.read_until("."), "b.");
}

TEST(TunnelLife, ALostControlConnectionCutsNoVisitor) {
  const testing::EchoServer target;
  World world(false);
  world.start();
  const auto port = world.publish(target.port());
  const auto visitor = RawSocket::connect(port);
  ASSERT_TRUE(visitor.send("a."));
  EXPECT_EQ(visitor.read_until("."), "a.");
  world.dialer->use({});  // leaves the gateway
  EXPECT_TRUE(eventually([&] { return world.gateway->figures().hosts == 0; }));
  ASSERT_TRUE(visitor.send("b."));
  EXPECT_EQ(visitor.read_until("."), "b.");
  const auto late = RawSocket::connect(port);
  world.dialer->use({world.place()});  // it waits, and is let in once the host is back
  ASSERT_TRUE(late.send("c."));
  EXPECT_EQ(late.read_until("."), "c.");
}

TEST(TunnelLife, WhatIsWithdrawnIsReachedNoMore) {
  const testing::EchoServer target;
  World world(false);
  world.start();
  const auto port = world.publish(target.port());
  const auto inside = RawSocket::connect(port);
  ASSERT_TRUE(inside.send("a."));
  EXPECT_EQ(inside.read_until("."), "a.");
  world.dialer->withdraw(world.lease());
  EXPECT_TRUE(eventually([&] { return world.gateway->figures().leases == 0; }));
  EXPECT_FALSE(RawSocket::connect(port).send("x"));
  ASSERT_TRUE(inside.send("b."));
  EXPECT_EQ(inside.read_until("."), "b.") << "who is inside stays";
}

TEST(TunnelLife, TwoGatewaysAndOneOfThemDies) {
  const testing::EchoServer target;
  World world(false);
  ASSERT_TRUE(world.start_gateway());
  World second(false, &world);
  ASSERT_TRUE(second.start_gateway());
  world.start_dialer({world.place(), second.place()});
  world.publish(target.port());
  EXPECT_TRUE(eventually([&] { return world.ways().size() == 2; }));
  const auto ways = world.ways();
  const auto survivor = RawSocket::connect(ways[1].port);
  ASSERT_TRUE(survivor.send("a."));
  EXPECT_EQ(survivor.read_until("."), "a.");
  world.gateway->stop();
  EXPECT_TRUE(eventually([&] { return world.ways() == std::vector{ways[1]}; }, 5'000));
  ASSERT_TRUE(survivor.send("b."));
  EXPECT_EQ(survivor.read_until("."), "b.");
}

TEST(TunnelLimits, OneLeaseHasNoMoreVisitorsThanItMay) {
  const testing::EchoServer target;
  World world(true);
  world.options.max_visitors_per_lease = 2;
  world.start();
  const auto port = world.publish(target.port());
  const auto one = RawSocket::connect(port);
  const auto two = RawSocket::connect(port);
  ASSERT_TRUE(one.send("a.") && two.send("a."));
  EXPECT_EQ(one.read_until("."), "a.");
  EXPECT_EQ(two.read_until("."), "a.");
  const auto three = RawSocket::connect(port);
  EXPECT_EQ(three.read_all(), "");
  EXPECT_EQ(world.gateway->figures().visitors_refused, 1u);
}

TEST(TunnelLimits, OneAddressDoesNotTakeALeaseForItself) {
  const testing::EchoServer target;
  World world(true);
  world.options.max_visitors_per_address = 1;
  world.start();
  const auto port = world.publish(target.port());
  {
    const auto one = RawSocket::connect(port);
    ASSERT_TRUE(one.send("a."));
    EXPECT_EQ(one.read_until("."), "a.");
    EXPECT_EQ(RawSocket::connect(port).read_all(), "");
  }
  EXPECT_TRUE(eventually([&] { return world.gateway->figures().visitors == 0; }));
  const auto again = RawSocket::connect(port);
  ASSERT_TRUE(again.send("b."));
  EXPECT_EQ(again.read_until("."), "b.") << "whoever left makes room";
}

TEST(TunnelLimits, TheWatchGetsInWhereEverySeatIsTaken) {
  const testing::EchoServer target;
  World world(true);
  world.options.max_visitors_per_lease = 0;
  world.options.always_let_in = {"127.0.0.2"};
  world.start();
  const auto port = world.publish(target.port());
  EXPECT_EQ(RawSocket::connect(port).read_all(), "");
  const auto watch = RawSocket::connect(port, "127.0.0.2");
  ASSERT_TRUE(watch.send("a."));
  EXPECT_EQ(watch.read_until("."), "a.");
}

// As the watch's mirror is: whoever stays in front of it would keep others from it.
TEST(TunnelLimits, WhoWasToldEverythingTakesNoPlaceOfTheHosts) {
  const RawServer target([](RawSocket& socket) { socket.send("word."); });
  World world(true);
  world.dialing.max_visitors = 1;
  world.dialing.ends_with_target = true;
  world.start();
  const auto port = world.publish(target.port());
  const auto stays = RawSocket::connect(port);
  EXPECT_EQ(stays.read_until("."), "word.");
  EXPECT_TRUE(eventually([&] { return RawSocket::connect(port).read_until(".") == "word."; }));
}

TEST(TunnelLife, HundredsOfVisitorsInOneGoAreNoFlood) {
  const testing::EchoServer target;
  World world(true);
  world.options.new_visitors_per_second = 100'000;
  world.start();
  const auto port = world.publish(target.port());
  for (int i = 0; i < 600; ++i) {
    const auto visitor = RawSocket::connect(port);
    ASSERT_TRUE(visitor.send("a.")) << i;
    ASSERT_EQ(visitor.read_until("."), "a.") << i;
  }
  EXPECT_FALSE(world.said("is gone"));
}

TEST(TunnelLimits, ASeatIsKeptOnlyForWhoHasALeaseHere) {
  World world(true);
  world.options.max_hosts = 1;
  ASSERT_TRUE(world.start_gateway());
  for (std::uint8_t fill = 50; fill < 54; ++fill) {
    testing::HostKey stranger;
    stranger.pair = base::Keypair::from_seed({fill});
    DialerOptions plain;
    plain.is_plain = true;
    Dialer dialer(world.threads, stranger, plain, {[](const std::string&) {}});
    dialer.use({world.place()});
    EXPECT_TRUE(eventually([&] { return world.gateway->figures().hosts == 1; })) << int{fill};
    dialer.stop();
    EXPECT_TRUE(eventually([&] { return world.gateway->figures().hosts == 0; })) << int{fill};
  }
}

TEST(TunnelEnd, WhatWasClosedIsNeitherReadNorWritten) {
  const base::Keypair key = base::Keypair::from_seed({9});
  const auto tls = Tls::for_gateway(key);
  ASSERT_TRUE(tls);
  asio::io_context io;
  tcp::acceptor acceptor(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
  tcp::socket near(io);
  near.connect(acceptor.local_endpoint());
  End end(acceptor.accept());
  ASSERT_TRUE(end.use_tls(*tls, true));
  end.close();
  std::array<std::uint8_t, 1> byte{};
  EXPECT_EQ(end.try_write(byte), End::kBroken);
  EXPECT_EQ(end.try_read(byte), End::kBroken);
}

TEST(TunnelLimits, AVisitorWhoseMachineDoesNotListenIsTold) {
  World world(true);
  world.start();
  const auto port = world.publish(1);  // nothing listens there
  const Stopwatch watch;
  const auto visitor = RawSocket::connect(port);
  EXPECT_EQ(visitor.read_all(), "");
  EXPECT_LT(watch.ms(), 2'000);
}

}  // namespace
}  // namespace obelisk::tunnel
