#include "adapters/http/websocket_server.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>

#include "adapters/http/testing.hpp"
#include "adapters/http/websocket_client.hpp"

namespace obelisk::http {
namespace {

using base::Code;
using std::chrono::milliseconds;
using testing::eventually;
using testing::RawServer;
using testing::RawSocket;
using testing::Shared;
using testing::Stopwatch;

constexpr std::string_view kUpgrade =
    "GET /?a=b HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

class WebSocketServerTest : public ::testing::Test {
 protected:
  void serve(WebSocketServerOptions options = {}) {
    server_ = std::make_unique<WebSocketServer>(io_, std::move(options));
  }
  // The other end of what the server took.
  RawSocket come() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
    server_->take(ends[0], open_);
    return RawSocket(ends[1]);
  }
  // A client that comes by TCP; what it sends is handed on from its first byte.
  auto connect(WebSocketHandlers handlers, const WebSocketClientOptions& options = {}) {
    if (!door_) {
      door_ = std::make_unique<RawServer>(
          [this](RawSocket& socket) { server_->take(::dup(socket.fd()), open_); });
    }
    const auto url = Url::parse(door_->url("ws") + "/?a=b").value();
    return WebSocketClient::connect(url, std::move(handlers), options, milliseconds(5000));
  }

  IoThreads io_{2};
  Shared closed_;
  std::atomic<int> closes_ = 0;
  std::atomic<bool> is_full_ = false;
  std::atomic<int> heard_ = 0;
  WebSocketServer::Open open_ =
      [this](const Request& request,
             const std::shared_ptr<WebSocket>& socket) -> base::Result<AcceptedSocket> {
    if (request.query != "a=b") return base::Error{Code::not_found, "No such thing.", "Go."};
    AcceptedSocket out;
    out.handlers.on_message = [socket, this](std::string_view text) {
      ++heard_;
      if (text == "throw") throw std::runtime_error("on purpose");
      socket->send("echo " + std::string(text));
    };
    out.handlers.on_binary = [socket, this](std::string_view bytes) {
      ++heard_;
      socket->send_binary(std::string(bytes) + "!");
    };
    out.handlers.on_close = [this](std::string_view why) {
      closed_.set(std::string(why));
      ++closes_;
    };
    out.is_full = [this] { return is_full_.load(); };
    return out;
  };
  std::unique_ptr<WebSocketServer> server_;
  std::unique_ptr<RawServer> door_;
};

TEST_F(WebSocketServerTest, CarriesTextAndBytesBothWaysInOrder) {
  serve();
  std::mutex mutex;
  std::vector<std::string> heard;
  const auto note = [&](const std::string& what) {
    const std::scoped_lock lock(mutex);
    heard.push_back(what);
  };
  auto client = connect({[&](std::string_view text) { note("t" + std::string(text)); },
                         {},
                         [&](std::string_view bytes) { note("b" + std::string(bytes)); }});
  ASSERT_TRUE(client.ok()) << client.error().message;
  const std::string odd("\0\xff\x80", 3);
  for (int i = 0; i < 50; ++i) {
    (*client)->send(std::to_string(i));
    (*client)->send_binary(odd + std::to_string(i));
  }
  ASSERT_TRUE(eventually([&] {
    const std::scoped_lock lock(mutex);
    return heard.size() == 100;
  }));
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(heard[2 * i], "techo " + std::to_string(i));
    EXPECT_EQ(heard[2 * i + 1], "b" + odd + std::to_string(i) + "!");
  }
  EXPECT_EQ((*client)->queued_bytes(), 0u);
  client->reset();
  EXPECT_TRUE(eventually([&] { return closes_ == 1; }));
  EXPECT_EQ(closed_.get(), "closed by this side") << "the client's words";
}

TEST_F(WebSocketServerTest, SaysGoodbyeWhenItGoes) {
  serve();
  Shared reason;
  std::atomic<bool> is_closed = false;
  auto client = connect({{}, [&](std::string_view why) {
                           reason.set(std::string(why));
                           is_closed = true;
                         }});
  ASSERT_TRUE(client.ok());
  const RawSocket silent = come();
  const Stopwatch watch;
  server_.reset();
  EXPECT_LT(watch.ms(), 2000);
  EXPECT_TRUE(eventually([&] { return is_closed.load(); }));
  EXPECT_EQ(reason.get(), "the host stops");
  EXPECT_EQ(closes_, 1);
  EXPECT_EQ(silent.read_all(), "");
}

TEST_F(WebSocketServerTest, ChoosesItsSubProtocolWhereItIsOffered) {
  WebSocketServerOptions options;
  options.protocol = "own";
  serve(options);
  const auto answer_to = [&](const std::string& offered) {
    const RawSocket socket = come();
    std::string request(kUpgrade);
    request.insert(request.find("Upgrade:"), offered);
    EXPECT_TRUE(socket.send(request));
    return socket.read_until("\r\n\r\n");
  };
  const std::string chosen = "Sec-WebSocket-Protocol: own\r\n";
  for (const char* offered : {"own", "own, pass.AA-_", "pass.AA-_,own"}) {
    const auto answer = answer_to("Sec-WebSocket-Protocol: " + std::string(offered) + "\r\n");
    EXPECT_NE(answer.find(chosen), std::string::npos) << answer;
  }
  for (const char* offered : {"", "Sec-WebSocket-Protocol: pass.AA-_, owner\r\n"}) {
    const auto answer = answer_to(offered);
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 101 ")) << answer;
    EXPECT_EQ(answer.find("Sec-WebSocket-Protocol"), std::string::npos) << answer;
  }
}

TEST_F(WebSocketServerTest, WhatIsNoOpeningRequestIsToldSo) {
  serve();
  const auto answer_to = [&](std::string_view request) {
    const RawSocket socket = come();
    EXPECT_TRUE(socket.send(request));
    return socket.read_all();
  };
  EXPECT_TRUE(answer_to("GET / HTTP/1.1\r\nHost: x\r\n\r\n").starts_with("HTTP/1.1 426 "));
  EXPECT_TRUE(answer_to("SSH-2.0-x\r\n\r\n").starts_with("HTTP/1.1 400 "));
  EXPECT_TRUE(answer_to("GET / HTTP/1.1\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n")
                  .starts_with("HTTP/1.1 400 "));
  EXPECT_TRUE(answer_to(std::string(kUpgrade) + "early").starts_with("HTTP/1.1 426 "));
  std::string other(kUpgrade);
  other.replace(other.find("a=b"), 3, "a=c");
  const std::string refused = answer_to(other);
  EXPECT_TRUE(refused.starts_with("HTTP/1.1 404 ")) << refused;
  EXPECT_TRUE(refused.ends_with("\r\n\r\nNo such thing.\nGo.\n")) << refused;
  EXPECT_NE(refused.find("text/plain"), std::string::npos);
  const RawSocket good = come();
  good.send(kUpgrade);
  EXPECT_TRUE(good.read_until("\r\n\r\n").starts_with("HTTP/1.1 101 "));
}

TEST_F(WebSocketServerTest, WhoSaysNothingOrTooMuchIsLeft) {
  WebSocketServerOptions options;
  options.request_timeout_ms = 100;
  options.ping_interval_ms = 50;
  options.silence_limit_ms = 1000;
  options.max_message_bytes = 100;
  options.max_connections = 1;
  serve(options);
  {
    const RawSocket mute = come();
    const RawSocket second = come();
    EXPECT_TRUE(second.read_all().starts_with("HTTP/1.1 503 "));
    EXPECT_EQ(mute.read_all(), "");
  }
  {
    std::vector<RawSocket> dead;
    ASSERT_TRUE(eventually([&] {
      dead.push_back(come());
      dead.back().send(kUpgrade);
      return dead.back().read_until("\r\n\r\n").starts_with("HTTP/1.1 101 ");
    }));
    EXPECT_TRUE(eventually([&] { return closes_ == 1; })) << "it answers no ping";
    EXPECT_EQ(closed_.get(), "the other side was silent for too long");
  }
  std::atomic<bool> is_closed = false;
  ASSERT_TRUE(eventually([&] {
    auto client = connect({{}, [&](std::string_view) { is_closed = true; }});
    if (!client) return false;
    std::this_thread::sleep_for(milliseconds(1500));  // pings keep it
    EXPECT_FALSE(is_closed);
    (*client)->send_binary(std::string(101, 'x'));
    EXPECT_TRUE(eventually([&] { return is_closed.load(); }));
    return true;
  }));
  EXPECT_TRUE(eventually([&] { return closes_ == 2; }));
  EXPECT_EQ(closed_.get(), "a message was too large");
}

TEST_F(WebSocketServerTest, AFullReceiverHoldsUpItsOwnPeerOnly) {
  serve();
  is_full_ = true;
  auto client = connect({{}, {}, [](std::string_view) {}});
  ASSERT_TRUE(client.ok());
  for (int i = 0; i < 20; ++i) (*client)->send_binary("x");
  ASSERT_TRUE(eventually([&] { return heard_ == 1; }));
  std::this_thread::sleep_for(milliseconds(50));
  EXPECT_EQ(heard_, 1) << "nothing more is read";
  is_full_ = false;
  EXPECT_TRUE(eventually([&] { return heard_ == 20; }));
  (*client)->send("throw");
  EXPECT_TRUE(eventually([&] { return closes_ == 1; }));
  EXPECT_EQ(closed_.get(), "a message could not be handled");
}

}  // namespace
}  // namespace obelisk::http
