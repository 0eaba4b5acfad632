#include "adapters/http/tcp_relay.hpp"

#include <gtest/gtest.h>

#include "adapters/http/testing.hpp"

namespace obelisk::http {
namespace {

using base::Code;
using testing::eventually;
using testing::noise;
using testing::RawServer;
using testing::RawSocket;
using testing::Stopwatch;

RelayOptions to(std::uint16_t port) {
  RelayOptions options;
  options.target_address = "127.0.0.1";
  options.target_port = port;
  return options;
}

TEST(TcpRelay, CarriesTenMegabytesBothWaysAndHalfCloses) {
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
  IoThreads threads;
  TcpRelay relay(threads, to(target.port()));
  const auto port = relay.start();
  ASSERT_TRUE(port.ok()) << port.error().message;
  const auto socket = RawSocket::connect(*port);
  std::thread sender([&] {
    EXPECT_TRUE(socket.send(up));
    socket.shut_down_sending();
  });
  const std::string back = socket.read_all();
  sender.join();
  EXPECT_EQ(back.size(), kSize + 14);
  EXPECT_TRUE(back.ends_with("after your end"));
  EXPECT_TRUE(arrived == up);
  EXPECT_TRUE(eventually([&] { return relay.open_connections() == 0; }));
}

TEST(TcpRelay, EndsBothSidesWhenOneBreaks) {
  std::atomic<bool> ended = false;
  const RawServer target([&](RawSocket& socket) {
    socket.read_all();
    ended = true;
  });
  IoThreads threads;
  TcpRelay relay(threads, to(target.port()));
  auto socket = RawSocket::connect(relay.start().value());
  socket.send("x");
  EXPECT_TRUE(eventually([&] { return relay.open_connections() == 1; }));
  socket.reset();
  EXPECT_TRUE(eventually([&] { return ended.load(); }));
  EXPECT_TRUE(eventually([&] { return relay.open_connections() == 0; }));
}

TEST(TcpRelay, FollowsItsTarget) {
  const auto say = [](const std::string& word) {
    return [word](RawSocket& socket) { socket.send(word); };
  };
  const RawServer first(say("first"));
  const RawServer second(say("second"));
  IoThreads threads;
  TcpRelay relay(threads, to(first.port()));
  const std::uint16_t port = relay.start().value();
  EXPECT_EQ(RawSocket::connect(port).read_all(), "first");
  ASSERT_TRUE(relay.set_target("127.0.0.1", second.port()).ok());
  EXPECT_EQ(RawSocket::connect(port).read_all(), "second");
  EXPECT_EQ(relay.set_target("localhost", 1).error().code, Code::invalid_input);
}

TEST(TcpRelay, HangsUpWhereNobodyListens) {
  std::uint16_t gone = 0;
  {
    const RawServer closed([](RawSocket&) {});
    gone = closed.port();
  }
  IoThreads threads;
  TcpRelay relay(threads, to(gone));
  const auto socket = RawSocket::connect(relay.start().value());
  const Stopwatch watch;
  EXPECT_EQ(socket.read_all(), "");
  EXPECT_LT(watch.ms(), 3000);
}

TEST(TcpRelay, KeepsItsBounds) {
  const RawServer target([](RawSocket& socket) {
    socket.send("hello");
    socket.read_all();
  });
  RelayOptions options = to(target.port());
  options.max_connections = 1;
  IoThreads threads;
  TcpRelay relay(threads, options);
  const std::uint16_t port = relay.start().value();
  const auto first = RawSocket::connect(port);
  EXPECT_EQ(first.read_some(), "hello");
  const auto second = RawSocket::connect(port);
  EXPECT_EQ(second.read_all(), "");
  RelayOptions taken = to(target.port());
  taken.listen_port = port;
  EXPECT_EQ(TcpRelay(threads, taken).start().error().code, Code::missing_dependency);
  taken.listen_address = "here";
  EXPECT_EQ(TcpRelay(threads, taken).start().error().code, Code::invalid_input);
  taken = RelayOptions{};
  EXPECT_EQ(TcpRelay(threads, taken).start().error().code, Code::invalid_input);
}

TEST(TcpRelay, StopsWithConnectionsOpen) {
  const RawServer target([](RawSocket& socket) { socket.read_all(); });
  IoThreads threads(2);
  std::vector<std::unique_ptr<TcpRelay>> relays;
  std::vector<RawSocket> sockets;
  for (int i = 0; i < 10; ++i) {
    relays.push_back(std::make_unique<TcpRelay>(threads, to(target.port())));
    sockets.push_back(RawSocket::connect(relays.back()->start().value()));
    sockets.back().send("x");
  }
  EXPECT_TRUE(eventually([&] { return relays.back()->open_connections() == 1; }));
  const Stopwatch watch;
  for (auto& relay : relays) relay->stop();
  relays.clear();
  EXPECT_LT(watch.ms(), 2000);
  for (const auto& socket : sockets) EXPECT_EQ(socket.read_all(), "");
}

}  // namespace
}  // namespace obelisk::http
