// The gateway's web door with real sockets: browsers get through by names and passes, WebSockets,
// uploads and long answers with them; nobody else does, whatever they send.
#include <gtest/gtest.h>

#include <fstream>

#include "adapters/tunnel/end.hpp"
#include "adapters/tunnel/web_testing.hpp"
#include "core/tunnel/web_answer.hpp"

namespace obelisk::tunnel {
namespace {

using http::testing::eventually;
using http::testing::noise;
using http::testing::RawServer;
using http::testing::RawSocket;
using http::testing::Stopwatch;
using std::chrono::milliseconds;
using testing::now_s;
using testing::status_of;
using testing::WebClient;
using testing::WebWorld;

const std::string hello_answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

// Answers every connection's first head with that answer and ends it; keeps the head.
class HelloServer {
 public:
  HelloServer()
      : server_([this](RawSocket& socket) {
          heard_.set(socket.read_until("\r\n\r\n"));
          socket.send(hello_answer);
        }) {}
  std::uint16_t port() const { return server_.port(); }
  std::string heard() const { return heard_.get(); }
  int visitors() const { return server_.accepted(); }

 private:
  http::testing::Shared heard_;
  RawServer server_;
};

class WebDoors : public ::testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(WithAndWithoutTls, WebDoors, ::testing::Bool(),
                         [](const auto& chosen) { return chosen.param ? "tls" : "plain"; });

TEST_P(WebDoors, AVisitorWithAPassGetsThroughAndItsHeadIsUnchanged) {
  const HelloServer server;
  WebWorld world(GetParam());
  world.start();
  ASSERT_NE(world.publish(1), 0);
  const auto port = server.port();
  EXPECT_EQ(world.ways().front().web, web_template(world.lease(), world.gateway->web_origin()));
  const std::string fields = "x-Odd:  spaced \r\nAccept: */*\r\n" + world.shown(world.pass(port));
  EXPECT_EQ(world.ask(port, "GET /a%20b?c=d", fields), hello_answer);
  EXPECT_EQ(server.heard(), world.head(port, "GET /a%20b?c=d", fields));
  EXPECT_TRUE(eventually([&] { return world.gateway->figures().visitors == 0; }));
  EXPECT_EQ(world.gateway->figures().bytes_up, server.heard().size());
}

TEST_P(WebDoors, ALinkLeavesACookieThatOpensTheSamePage) {
  const HelloServer server;
  WebWorld world(GetParam());
  world.start();
  world.publish(1);
  const auto port = server.port();
  const auto answer = world.ask(port, "GET /lab?a=1&obelisk-pass=" + to_text(world.pass(port)), "");
  EXPECT_EQ(status_of(answer), 303u);
  EXPECT_NE(answer.find("\r\nLocation: /lab?a=1\r\n"), std::string::npos) << answer;
  EXPECT_EQ(answer.find("Secure;") != std::string::npos, GetParam());
  const auto at = answer.find("Set-Cookie: ") + 12;
  const auto cookie = answer.substr(at, answer.find(';', at) - at);
  EXPECT_EQ(server.visitors(), 0);
  EXPECT_EQ(world.ask(port, "GET /lab?a=1", "Cookie: x=y; " + cookie + "\r\n"), hello_answer);
  EXPECT_EQ(status_of(world.ask(port, "GET /",
                                "Cookie: " + cookie + "\r\nOrigin: https://evil.example\r\n")),
            403u);
}

TEST_P(WebDoors, NobodyElseGetsIn) {
  const HelloServer server;
  WebWorld world(GetParam());
  world.start();
  world.publish(1);
  const auto port = server.port();
  const auto with = [&](const Pass& pass) {
    return status_of(world.ask(port, "GET /", world.shown(pass)));
  };
  const auto none = world.ask(port, "GET /", "");
  EXPECT_EQ(status_of(none), 401u);
  EXPECT_NE(none.find("obelisk open " + world.lease().to_string() + " " + std::to_string(port)),
            std::string::npos);
  const auto other = base::Keypair::from_seed({6});
  EXPECT_EQ(with(world.pass_by(other, port, Audience::holder, 0, 600)), 401u);
  EXPECT_EQ(with(world.pass(port, Audience::holder, -700, 600)), 401u) << "over";
  EXPECT_EQ(with(world.pass(port, Audience::holder, 3'600, 600)), 401u) << "not yet";
  EXPECT_EQ(with(world.pass(static_cast<std::uint16_t>(port + 1))), 401u) << "another port's";
  EXPECT_EQ(with(world.pass(port, Audience::everybody)), 401u) << "not handed in";
  EXPECT_EQ(with(world.pass(port, Audience::nobody)), 401u);
  EXPECT_EQ(server.visitors(), 0);
  EXPECT_EQ(with(world.pass(port)), 200u);
}

TEST_P(WebDoors, AWebSocketGoesBothWays) {
  const testing::EchoServer server;  // as a WebSocket server is once its upgrade is done
  WebWorld world(GetParam());
  world.start();
  world.publish(1);
  const auto port = server.port();
  const auto visitor = world.client(port);
  const std::string upgrade =
      world.head(port, "GET /ws",
                 "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                 "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                 "Sec-WebSocket-Protocol: chat, obelisk-pass." +
                     to_text(world.pass(port)) + "\r\nOrigin: https://another.example\r\n");
  ASSERT_TRUE(visitor->send(upgrade));
  EXPECT_EQ(visitor->read_until("\r\n\r\n"), upgrade);
  for (int i = 0; i < 20; ++i) {
    const std::string frame = "\x81\x02" + std::to_string(10 + i);
    ASSERT_TRUE(visitor->send(frame));
    EXPECT_EQ(visitor->read_until(std::to_string(10 + i)), frame);
  }
}

TEST_P(WebDoors, FiftyMegabytesGoUp) {
  constexpr std::size_t kSize = 50 << 20;
  std::size_t arrived = 0;
  bool is_same = true;
  const std::string up = noise(1 << 20);
  const RawServer server([&](RawSocket& socket) {
    std::string bytes = socket.read_until("\r\n\r\n");
    bytes = bytes.substr(bytes.find("\r\n\r\n") + 4);
    while (true) {
      for (const char byte : bytes) is_same = is_same && byte == up[arrived++ % up.size()];
      if (arrived >= kSize) break;
      bytes = socket.read_some();
      if (bytes.empty()) break;
    }
    socket.send(hello_answer);
  });
  WebWorld world(GetParam());
  world.start();
  world.publish(1);
  const auto visitor = world.client(server.port());
  std::string first = world.head(
      server.port(), "POST /up",
      "Content-Length: " + std::to_string(kSize) + "\r\n" + world.shown(world.pass(server.port())));
  first += up;  // some of the body comes with the head
  ASSERT_TRUE(visitor->send(first));
  for (std::size_t i = 1; i < 50; ++i) ASSERT_TRUE(visitor->send(up));
  EXPECT_EQ(visitor->read_all(), hello_answer);
  EXPECT_EQ(arrived, kSize);
  EXPECT_TRUE(is_same);
}

TEST_P(WebDoors, AnAnswerMayDripForLongerThanAnyDeadline) {
  const RawServer server([](RawSocket& socket) {
    socket.read_until("\r\n\r\n");
    socket.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n");
    for (int i = 0; i < 12; ++i) {
      std::this_thread::sleep_for(milliseconds(250));
      socket.send("data: " + std::to_string(i) + "\n\n");
    }
  });
  WebWorld world(GetParam());
  world.options.web.head_time = milliseconds(1'500);  // it is over long before the answer is
  world.start();
  world.publish(1);
  const auto answer = world.ask(server.port(), "GET /", world.shown(world.pass(server.port())));
  EXPECT_TRUE(answer.ends_with("data: 11\n\n")) << answer;
}

TEST_P(WebDoors, EverybodyFromTheRentersWordUntilItIsTakenBack) {
  const HelloServer server;
  WebWorld world(GetParam());
  world.start();
  world.publish(1);
  const auto port = server.port();
  const auto say = [&](const Pass& pass) {
    return status_of(
        world.ask(port, "POST /.obelisk/public", world.shown(pass) + "Content-Length: 0\r\n"));
  };
  const auto visit = [&] { return status_of(world.ask(port, "GET /", "")); };
  const auto other = base::Keypair::from_seed({6});
  EXPECT_EQ(say(world.pass_by(other, port, Audience::everybody, 0, 600)), 401u);
  EXPECT_EQ(say(world.pass(port)), 401u) << "a holder's alone";
  EXPECT_EQ(visit(), 401u);
  const auto open = world.pass(port, Audience::everybody, 0);
  EXPECT_EQ(say(open), 200u);
  EXPECT_EQ(visit(), 200u);
  world.restart_gateway();
  EXPECT_TRUE(eventually([&] { return world.gateway->figures().leases == 1; }, 10'000));
  EXPECT_EQ(visit(), 200u) << "it is kept over a restart";
  world.dialer->withdraw(world.lease());
  EXPECT_TRUE(eventually([&] { return world.gateway->figures().leases == 0; }));
  EXPECT_EQ(visit(), 404u);
  world.publish(1);
  EXPECT_EQ(visit(), 200u) << "and over a route that comes and goes";
  EXPECT_EQ(say(world.pass(port, Audience::nobody, 1)), 200u);
  EXPECT_EQ(visit(), 401u);
  std::this_thread::sleep_for(milliseconds(1'100));  // a word a second, and some at once
  EXPECT_EQ(say(open), 409u) << "an earlier word does not come back";
  EXPECT_EQ(visit(), 401u);
}

TEST_P(WebDoors, WhatCannotBeReachedIsSaid) {
  WebWorld world(GetParam());
  world.start();
  world.publish(1);
  const auto shown = world.shown(world.pass(1));
  EXPECT_EQ(status_of(world.ask(1, "GET /", shown)), 502u) << "nothing listens on port 1";
  const auto terminal = world.shown(world.pass(kTerminal));
  EXPECT_EQ(status_of(world.ask(kTerminal, "GET /", terminal)), 502u) << "there is no terminal";
  EXPECT_EQ(status_of(world.ask(kTerminal, "GET /", "")), 401u);
  world.dialer->withdraw(world.lease());
  EXPECT_TRUE(eventually([&] { return world.gateway->figures().leases == 0; }));
  EXPECT_EQ(status_of(world.ask(1, "GET /", shown)), 404u);
}

TEST_P(WebDoors, ATerminalGetsOneEndOfAPair) {
  std::thread shell;
  WebWorld world(GetParam());
  base::PublicKey asked;
  world.terminal = [&](const base::PublicKey& lease, int fd) {
    asked = lease;
    shell = std::thread([fd] {
      RawSocket socket(fd);
      socket.read_until("\r\n\r\n");
      socket.send("$ ");
      socket.send("you said " + socket.read_until("\n"));
    });
  };
  world.start();
  world.publish(1);
  const auto visitor = world.client(kTerminal);
  ASSERT_TRUE(visitor->send(world.head(kTerminal, "GET /", world.shown(world.pass(kTerminal)))));
  EXPECT_EQ(visitor->read_until("$ "), "$ ");
  ASSERT_TRUE(visitor->send("ls\n"));
  EXPECT_EQ(visitor->read_all(), "you said ls\n");
  shell.join();
  EXPECT_EQ(asked, world.lease());
}

TEST(WebDoorTls, TheNameThatWasAskedForMustBeTheHosts) {
  WebWorld world(true);
  world.start();
  world.publish(1);
  const auto head = world.head(8888, "GET /", "");
  const WebClient other(world.web_port(), true, world.host_name(8889));
  ASSERT_TRUE(other.good() && other.send(head));
  EXPECT_EQ(status_of(other.read_all()), 421u);
  const WebClient none(world.web_port(), true, "");
  ASSERT_TRUE(none.good() && none.send(head));
  EXPECT_EQ(status_of(none.read_all()), 401u) << "who asks for no name means the Host";
}

TEST(WebDoorTls, SpeaksNothingOlderAndNoOtherProtocol) {
  WebWorld world(true);
  world.start();
  const auto connects = [&](int version, const char* protocols) {
    SSL_CTX* context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context, version);
    SSL_CTX_set_security_level(context, 0);
    if (protocols != nullptr) {
      SSL_CTX_set_alpn_protos(context, reinterpret_cast<const unsigned char*>(protocols),
                              static_cast<unsigned>(std::strlen(protocols)));
    }
    SSL* tls = SSL_new(context);
    const auto socket = RawSocket::connect(world.web_port());
    SSL_set_fd(tls, socket.fd());
    const bool done = SSL_connect(tls) == 1;
    SSL_free(tls);
    SSL_CTX_free(context);
    return done;
  };
  EXPECT_FALSE(connects(TLS1_1_VERSION, nullptr));
  EXPECT_TRUE(connects(TLS1_2_VERSION, nullptr));
  EXPECT_TRUE(connects(TLS1_3_VERSION, "\x02h2\x08http/1.1"));
  EXPECT_FALSE(connects(TLS1_3_VERSION, "\x02h2"));
}

TEST(WebDoorTls, ANewCertificateIsShownAndABrokenOneIsNot) {
  WebWorld world(true);
  world.options.web.certificate_looks = milliseconds(20);
  world.start();
  world.publish(1);
  EXPECT_EQ(world.client(1)->serial(), 1);
  const auto inside = world.client(1);
  std::ofstream(world.certificate.chain()) << "no certificate";
  EXPECT_TRUE(eventually([&] { return world.said("the old one stays"); }));
  EXPECT_EQ(world.client(1)->serial(), 1);
  world.certificate.renew(7);
  EXPECT_TRUE(eventually([&] { return world.said("was replaced"); }));
  EXPECT_EQ(world.client(1)->serial(), 7);
  ASSERT_TRUE(inside->send(world.head(1, "GET /", "")));
  EXPECT_EQ(status_of(inside->read_all()), 401u) << "who is connected already stays so";
}

TEST(WebDoorTls, WithoutOneItIsOnLoopbackOnly) {
  WebWorld world(false);
  world.options.web.address = "0.0.0.0";
  Gateway open(world.threads, base::Keypair::random(), world.options, [](const auto&, auto) {});
  const auto started = open.start();
  ASSERT_FALSE(started);
  EXPECT_NE(started.error().message.find("only on loopback"), std::string::npos);
  WebWorld bad(true);
  bad.options.web.key_file = bad.options.web.certificate_file;
  Gateway broken(bad.threads, base::Keypair::random(), bad.options, [](const auto&, auto) {});
  EXPECT_FALSE(broken.start());
}

TEST(WebDoorAbuse, HostileHeadsAreAnsweredAndClosed) {
  WebWorld world(false);
  world.start();
  world.publish(1);
  const auto answer = [&](const std::string& bytes) {
    const auto socket = RawSocket::connect(world.web_port());
    socket.send(bytes);
    return status_of(socket.read_all());
  };
  const std::string host = "Host: " + world.host_name(8888) + "\r\n";
  EXPECT_EQ(answer("GET / HTTP/1.1\r\n" + host + host + "\r\n"), 400u) << "two Hosts";
  EXPECT_EQ(answer("GET / HTTP/1.1\n\n"), 400u);
  EXPECT_EQ(answer("GET / HTTP/1.1\r\n\r\n"), 400u) << "no Host";
  EXPECT_EQ(answer("CONNECT a:1 HTTP/1.1\r\n" + host + "\r\n"), 400u);
  EXPECT_EQ(answer("GET / HTTP/1.1\r\n" + host + "X: " + std::string(20'000, 'x')), 431u);
  EXPECT_EQ(answer("GET / HTTP/1.1\r\nHost: gw.test\r\n\r\n"), 404u);
  EXPECT_EQ(answer("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"), 404u);
  EXPECT_EQ(answer(std::string("\x16\x03\x01\x00\x00", 5)), 400u);
  EXPECT_EQ(world.gateway->figures().visitors_ever, 0u);
}

TEST(WebDoorAbuse, WhoIsSlowIsCutOff) {
  WebWorld world(true);
  world.options.web.head_time = milliseconds(300);
  world.start();
  const Stopwatch watch;
  const auto silent = RawSocket::connect(world.web_port());
  const auto slow = world.client(8888);
  ASSERT_TRUE(slow->send("GET / HTTP/1.1\r\n"));
  EXPECT_EQ(silent.read_all(), "");
  EXPECT_EQ(slow->read_all(), "");
  EXPECT_LT(watch.ms(), 2'000);
}

TEST(WebDoorAbuse, StrangersOfOneAddressAreBounded) {
  WebWorld world(false);
  world.options.web.max_strangers_per_address = 2;
  world.start();
  world.publish(1);
  {
    const auto one = RawSocket::connect(world.web_port());
    const auto two = RawSocket::connect(world.web_port());
    ASSERT_TRUE(one.send("GET") && two.send("GET"));
    EXPECT_EQ(RawSocket::connect(world.web_port()).read_all(), "");
  }
  EXPECT_TRUE(eventually([&] { return status_of(world.ask(8888, "GET /", "")) == 401u; }))
      << "whoever left makes room";
}

TEST(WebDoorAbuse, OneLeaseHasNoMoreVisitorsThanItMay) {
  const testing::EchoServer server;
  WebWorld world(false);
  world.options.max_visitors_per_lease = 1;
  world.start();
  world.publish(1);
  const auto head = world.head(server.port(), "GET /", world.shown(world.pass(server.port())));
  const auto inside = world.client(server.port());
  ASSERT_TRUE(inside->send(head));
  EXPECT_EQ(inside->read_until("\r\n\r\n"), head);
  EXPECT_EQ(status_of(world.ask(server.port(), "GET /", world.shown(world.pass(server.port())))),
            429u);
}

// A gateway that was taken over: it takes every host, and asks it for what it likes.
class LyingGateway {
 public:
  LyingGateway() : fd_(http::testing::listen_anywhere(port_)) {
    thread_ = std::thread([this] { run(); });
  }
  ~LyingGateway() {
    ::shutdown(fd_, SHUT_RDWR);
    thread_.join();
    ::close(fd_);
  }
  LyingGateway(const LyingGateway&) = delete;
  LyingGateway& operator=(const LyingGateway&) = delete;
  std::uint16_t port() const { return port_; }

  // What the host says to it.
  std::optional<Answer> ask(const Visit& visit) {
    EXPECT_TRUE(eventually([&] {
      const std::scoped_lock lock(mutex_);
      return !streams_.empty();
    }));
    const std::scoped_lock lock(mutex_);
    if (streams_.empty()) return std::nullopt;
    const RawSocket stream = std::move(streams_.back());
    streams_.pop_back();
    const auto bytes = encode_visit(visit);
    stream.send(std::string(bytes.begin(), bytes.end()));
    const auto said = stream.read_some(1);
    return said.empty() ? std::nullopt : std::optional(static_cast<Answer>(said[0]));
  }

 private:
  void run() {
    for (int fd = 0; (fd = ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC)) >= 0;) {
      RawSocket socket(fd);
      const auto greeting = encode_greeting({});
      socket.send(std::string(greeting.begin(), greeting.end()));
      std::string bytes;
      while (bytes.size() < kHelloBytes) {
        const auto part = socket.read_some(kHelloBytes - bytes.size());
        if (part.empty()) break;
        bytes += part;
      }
      const auto hello = decode_hello(base::view_of(bytes));
      if (!hello) continue;
      const std::scoped_lock lock(mutex_);
      (hello->kind == Kind::stream ? streams_ : controls_).push_back(std::move(socket));
    }
  }
  std::uint16_t port_ = 0;
  int fd_ = -1;
  std::thread thread_;
  std::mutex mutex_;
  std::vector<RawSocket> streams_;   // guarded by mutex_
  std::vector<RawSocket> controls_;  // guarded by mutex_
};

TEST(WebDoorTrust, AHostOpensNoPortThatItsRenterDidNot) {
  const testing::EchoServer server;
  LyingGateway gateway;
  WebWorld world(false);
  world.start_dialer({{"127.0.0.1", gateway.port(), testing::key(9)}});
  world.dialer->publish(world.quoted(1).publication("127.0.0.1", server.port()));
  const auto port = server.port();
  const auto ask = [&](std::uint16_t which, const std::optional<Pass>& pass) {
    return gateway.ask({world.lease(), which, pass});
  };
  auto before_ready = world.quoted(1).publication("127.0.0.1", server.port());
  before_ready.is_renters = false;
  world.dialer->publish(before_ready);
  EXPECT_EQ(ask(port, world.pass(port)), Answer::unknown_lease) << "it is not the renter's yet";
  EXPECT_EQ(ask(kTerminal, world.pass(kTerminal)), Answer::unknown_lease);
  EXPECT_EQ(ask(market::kSshPort, std::nullopt), Answer::here) << "the watch logs in by it";
  world.dialer->publish(world.quoted(1).publication("127.0.0.1", server.port()));
  EXPECT_EQ(ask(port, std::nullopt), Answer::no_pass);
  EXPECT_FALSE(ask(kTerminal, std::nullopt)) << "no visit at all";
  const auto other = base::Keypair::from_seed({6});
  EXPECT_EQ(ask(port, world.pass_by(other, port, Audience::holder, 0, 600)), Answer::no_pass);
  EXPECT_EQ(ask(port, world.pass(port, Audience::holder, -700, 600)), Answer::no_pass);
  EXPECT_EQ(ask(port, world.pass(static_cast<std::uint16_t>(port + 1))), Answer::no_pass);
  EXPECT_EQ(ask(port, world.pass(port, Audience::nobody)), Answer::no_pass);
  EXPECT_EQ(ask(kTerminal, world.pass(kTerminal, Audience::everybody)), Answer::no_pass);
  EXPECT_EQ(gateway.ask({testing::key(8), port, world.pass(port)}), Answer::unknown_lease);
  EXPECT_EQ(ask(port, world.pass(port)), Answer::here);
  EXPECT_EQ(ask(port, world.pass(port, Audience::everybody)), Answer::here);
  EXPECT_EQ(ask(market::kSshPort, std::nullopt), Answer::here) << "its sshd asks for itself";
  auto bare = world.quoted(1).publication("127.0.0.1", server.port());
  bare.network.reset();
  world.dialer->publish(bare);
  EXPECT_EQ(ask(port, world.pass(port)), Answer::not_listening) << "it has no ports but that";
}

}  // namespace
}  // namespace obelisk::tunnel
