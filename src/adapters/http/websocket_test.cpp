#include <fcntl.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <array>
#include <filesystem>
#include <mutex>

#include "adapters/http/client.hpp"
#include "adapters/http/problem.hpp"
#include "adapters/http/server.hpp"
#include "adapters/http/tcp_relay.hpp"
#include "adapters/http/testing.hpp"
#include "adapters/http/websocket_client.hpp"

namespace obelisk::http {
namespace {

using base::Code;
using std::chrono::milliseconds;
using testing::eventually;
using testing::RawServer;
using testing::RawSocket;
using testing::Stopwatch;

// What one end of a socket heard.
struct Heard {
  std::mutex mutex;
  std::vector<std::string> texts;
  std::string reason;
  std::atomic<int> closed = 0;
  bool single = true;  // hears one socket only

  WebSocketHandlers handlers() {
    return {[this](std::string_view text) {
              const std::scoped_lock lock(mutex);
              if (single) EXPECT_EQ(closed, 0);
              texts.emplace_back(text);
            },
            [this](std::string_view why) {
              const std::scoped_lock lock(mutex);
              reason = why;
              ++closed;
            }};
  }
  std::size_t count() {
    const std::scoped_lock lock(mutex);
    return texts.size();
  }
};

constexpr std::string_view kUpgrade =
    "GET /socket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

// What a server answers to an opening request (RFC 6455, 4.2.2), without any part of ours.
std::string accept_upgrade(const std::string& request) {
  constexpr std::string_view kName = "Sec-WebSocket-Key: ";
  const std::size_t start = request.find(kName) + kName.size();
  const std::string key = request.substr(start, request.find("\r\n", start) - start);
  const std::string text = key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, 20> digest{};
  EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha1(), nullptr);
  std::array<unsigned char, 29> base64{};
  EVP_EncodeBlock(base64.data(), digest.data(), digest.size());
  return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         "Sec-WebSocket-Accept: " +
         std::string(reinterpret_cast<const char*>(base64.data())) + "\r\n\r\n";
}

class WebSocketTest : public ::testing::Test {
 protected:
  void serve(const ServerOptions& options = {}, std::size_t max_message = 1000) {
    server_ =
        std::make_unique<Server>(options, [this, max_message](const Request& in, Exchange& out) {
          if (in.path == "/forbidden") {
            return out.reply(problem({Code::forbidden, "Not this key.", "Use the host's key."}));
          }
          heard_.single = false;
          auto handlers = heard_.handlers();
          handlers.on_message = [this, keep = handlers.on_message](std::string_view text) {
            keep(text);
            if (text == "throw") throw std::runtime_error("on purpose");
            const auto socket = server_socket();
            if (text == "bye") return socket->close("as you wish");
            socket->send("echo " + std::string(text));
          };
          auto socket = out.accept_websocket(std::move(handlers), max_message);
          if (!socket) return;
          const std::scoped_lock lock(mutex_);
          socket_ = std::move(socket);
        });
    port_ = server_->start().value();
  }

  std::shared_ptr<WebSocket> server_socket() {
    EXPECT_TRUE(eventually([&] {
      const std::scoped_lock lock(mutex_);
      return socket_ != nullptr;
    }));
    const std::scoped_lock lock(mutex_);
    return socket_;
  }

  auto connect(Heard& heard, const WebSocketClientOptions& options = {},
               const std::string& path = "/socket") {
    const auto url = Url::parse("ws://127.0.0.1:" + std::to_string(port_) + path).value();
    return WebSocketClient::connect(url, heard.handlers(), options, milliseconds(5000));
  }

  Heard heard_;  // of every socket of the server
  std::mutex mutex_;
  std::shared_ptr<WebSocket> socket_;
  std::unique_ptr<Server> server_;
  std::uint16_t port_ = 0;
};

TEST_F(WebSocketTest, CarriesTextBothWaysInOrder) {
  serve();
  Heard heard;
  auto client = connect(heard);
  ASSERT_TRUE(client.ok()) << client.error().message;
  for (int i = 0; i < 200; ++i) EXPECT_TRUE((*client)->send(std::to_string(i)));
  ASSERT_TRUE(eventually([&] { return heard.count() == 200; }));
  for (int i = 0; i < 200; ++i) EXPECT_EQ(heard.texts[i], "echo " + std::to_string(i));
  EXPECT_TRUE(server_socket()->send("unasked"));
  EXPECT_TRUE(eventually([&] { return heard.count() == 201; }));
  EXPECT_EQ(heard.closed, 0);
  client->reset();
  EXPECT_EQ(heard.closed, 1);
  EXPECT_TRUE(eventually([&] { return heard_.closed == 1; }));
  EXPECT_EQ(heard_.reason, "closed by this side");
  EXPECT_FALSE(server_socket()->send("late"));
}

// Both say goodbye at once, and a message comes in one piece with the server's.
TEST_F(WebSocketTest, GoodbyesThatCrossEndEverything) {
  RawServer server([](RawSocket& socket) {
    if (!socket.send(accept_upgrade(socket.read_until("\r\n\r\n")))) return;
    socket.read_some(8);
    socket.send(std::string("\x81\x02hi\x88\x02\x03\xe8", 8));
    socket.limit(3000);
    while (!socket.read_some().empty()) {
    }
  });
  const auto url = Url::parse(server.url("ws")).value();
  const Stopwatch all;
  for (int i = 0; i < 300; ++i) {
    Heard heard;
    auto client = WebSocketClient::connect(url, heard.handlers(), {}, milliseconds(5000));
    ASSERT_TRUE(client.ok());
    (*client)->send("x");
    std::this_thread::sleep_for(std::chrono::microseconds(i * 2));
    client->reset();
    EXPECT_EQ(heard.closed, 1);
  }
  EXPECT_LT(all.ms(), 60'000);
}

TEST_F(WebSocketTest, ServerSaysWhyItCloses) {
  serve();
  Heard heard;
  auto client = connect(heard);
  ASSERT_TRUE(client.ok());
  (*client)->send("one");
  (*client)->send("bye");
  ASSERT_TRUE(eventually([&] { return heard.closed == 1; }));
  EXPECT_EQ(heard.reason, "as you wish");
  EXPECT_EQ(heard.count(), 1U);
  EXPECT_TRUE((*client)->closed());
  EXPECT_FALSE((*client)->send("late"));
  EXPECT_TRUE(eventually([&] { return heard_.closed == 1; }));
}

TEST_F(WebSocketTest, RefusesMessagesThatAreTooLarge) {
  serve();
  Heard heard;
  auto client = connect(heard, {.max_message_bytes = 500});
  ASSERT_TRUE(client.ok());
  (*client)->send(std::string(400, 'x'));
  ASSERT_TRUE(eventually([&] { return heard.count() == 1; }));
  (*client)->send(std::string(1001, 'x'));
  EXPECT_TRUE(eventually([&] { return heard_.closed == 1 && heard.closed == 1; }));
  EXPECT_EQ(heard_.reason, "a message was too large");
  EXPECT_EQ(heard_.count(), 1U);
  Heard again;
  auto second = connect(again, {.max_message_bytes = 500});
  ASSERT_TRUE(second.ok());
  (*second)->send(std::string(600, 'x'));
  EXPECT_TRUE(eventually([&] { return again.closed == 1; }));
  EXPECT_EQ(again.reason, "a message was too large");
}

TEST_F(WebSocketTest, NoticesThatThePeerVanished) {
  serve();
  auto socket = RawSocket::connect(port_);
  socket.send(kUpgrade);
  EXPECT_NE(socket.read_until("\r\n\r\n").find("101 Switching"), std::string::npos);
  socket.reset();
  EXPECT_TRUE(eventually([&] { return heard_.closed == 1; }));
  EXPECT_TRUE(server_socket()->closed());
  Heard heard;
  auto client = connect(heard);
  ASSERT_TRUE(client.ok());
  server_.reset();
  EXPECT_TRUE(eventually([&] { return heard.closed == 1; }));
  EXPECT_EQ(heard.reason, "the server stops");
}

TEST_F(WebSocketTest, ClosesWhenAHandlerFails) {
  serve();
  Heard heard;
  auto client = connect(heard);
  ASSERT_TRUE(client.ok());
  (*client)->send("throw");
  EXPECT_TRUE(eventually([&] { return heard.closed == 1 && heard_.closed == 1; }));
  {
    // The next message may come before its socket is noted, and must not be answered on this one.
    const std::scoped_lock lock(mutex_);
    socket_.reset();
  }
  Heard own;
  auto handlers = own.handlers();
  handlers.on_message = [](std::string_view) { throw std::runtime_error("on purpose"); };
  const auto url = Url::parse("ws://127.0.0.1:" + std::to_string(port_)).value();
  auto second = WebSocketClient::connect(url, handlers, {}, milliseconds(5000));
  ASSERT_TRUE(second.ok());
  (*second)->send("x");
  EXPECT_TRUE(eventually([&] { return own.closed == 1; }));
  EXPECT_EQ(own.reason, "a message could not be handled");
}

TEST_F(WebSocketTest, RefusesFramesThatBreakTheProtocol) {
  serve();
  const std::string unmasked("\x81\x02hi", 4);
  const std::string binary("\x82\x82\0\0\0\0hi", 8);
  const std::string not_utf8("\x81\x82\0\0\0\0\xff\xfe", 8);
  int closed = 0;
  for (const std::string& frame : {unmasked, binary, not_utf8}) {
    const auto socket = RawSocket::connect(port_);
    socket.send(kUpgrade);
    socket.read_until("\r\n\r\n");
    socket.send(frame);
    const Stopwatch watch;
    socket.read_all();
    EXPECT_LT(watch.ms(), 4000);
    ++closed;
    EXPECT_TRUE(eventually([&] { return heard_.closed == closed; }));
  }
  EXPECT_EQ(heard_.count(), 0U);
}

TEST_F(WebSocketTest, OpensOnlyWhenBothWantIt) {
  serve();
  const auto plain = RawSocket::connect(port_);
  plain.send("GET /socket HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_NE(plain.read_all().find("426 Upgrade Required"), std::string::npos);
  Heard heard;
  const auto refused = connect(heard, {}, "/forbidden");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Code::forbidden);
  EXPECT_EQ(refused.error().message, "Not this key.");
  const auto http = Url::parse("http://127.0.0.1:" + std::to_string(port_)).value();
  const auto wrong = WebSocketClient::connect(http, {}, {}, milliseconds(5000));
  EXPECT_EQ(wrong.error().code, Code::invalid_input);
  EXPECT_EQ(heard.closed, 0);
}

TEST_F(WebSocketTest, ConnectsWithinItsDeadline) {
  const RawServer mute([](RawSocket& socket) { socket.read_all(); });
  const Stopwatch watch;
  const auto late =
      WebSocketClient::connect(Url::parse(mute.url("ws")).value(), {}, {}, milliseconds(150));
  ASSERT_FALSE(late.ok());
  EXPECT_EQ(late.error().code, Code::timeout);
  EXPECT_LT(watch.ms(), 2000);
  const RawServer other([](RawSocket& socket) {
    socket.read_until("\r\n\r\n");
    socket.send("SSH-2.0-x\r\n");
  });
  const auto garbage =
      WebSocketClient::connect(Url::parse(other.url("ws")).value(), {}, {}, milliseconds(5000));
  EXPECT_EQ(garbage.error().code, Code::unreachable);
}

TEST_F(WebSocketTest, PingsAndGivesUpASilentPeer) {
  ServerOptions options;
  options.ping_interval_ms = 50;
  options.silence_limit_ms = 1000;
  serve(options);
  // A client of ours answers pings by itself and stays.
  Heard heard;
  auto client = connect(heard);
  ASSERT_TRUE(client.ok());
  const auto silent = RawSocket::connect(port_);
  silent.send(kUpgrade);
  silent.read_until("\r\n\r\n");
  const Stopwatch watch;
  const std::string frames = silent.read_all();
  EXPECT_GE(watch.ms(), 900);
  EXPECT_LT(watch.ms(), 10'000);
  EXPECT_NE(frames.find(std::string("\x89\x00", 2)), std::string::npos);
  EXPECT_TRUE(eventually([&] { return heard_.closed == 1; }));
  EXPECT_EQ(heard_.reason, "the other side was silent for too long");
  EXPECT_EQ(heard.closed, 0);
}

TEST_F(WebSocketTest, DropsAPeerThatDoesNotRead) {
  serve();
  const auto slow = RawSocket::connect(port_);
  slow.send(kUpgrade);
  slow.read_until("\r\n\r\n");
  const auto socket = server_socket();
  const std::string large(1'000'000, 'x');
  bool going = true;
  for (int i = 0; going && i < 100; ++i) going = socket->send(large);
  EXPECT_FALSE(going);
  EXPECT_TRUE(eventually([&] { return heard_.closed == 1; }));
  EXPECT_EQ(heard_.reason, "the other side reads too slowly");
}

TEST_F(WebSocketTest, AMessageThatIsNotTakenInTimeIsTheLast) {
  ServerOptions options;
  options.write_timeout_ms = 200;
  options.max_queued_bytes = 64 << 20;
  serve(options);
  const auto slow = RawSocket::connect(port_);
  slow.send(kUpgrade);
  slow.read_until("\r\n\r\n");
  const testing::Stopwatch watch;
  // One message alone: nothing waits, and it is longer than what the kernel takes.
  EXPECT_TRUE(server_socket()->send(std::string(32 << 20, 'x')));
  EXPECT_TRUE(eventually([&] { return heard_.closed == 1; }));
  EXPECT_LT(watch.ms(), 4000);
  EXPECT_EQ(heard_.reason, "the other side reads too slowly");
}

TEST_F(WebSocketTest, DestructorIsPromptAndLast) {
  serve();
  // A server that never answers a goodbye.
  const RawServer stubborn([](RawSocket& socket) {
    socket.send(accept_upgrade(socket.read_until("\r\n\r\n")));
    socket.read_all();
  });
  {
    Heard heard;
    const auto url = Url::parse(stubborn.url("ws")).value();
    auto client = WebSocketClient::connect(url, heard.handlers(), {}, milliseconds(5000));
    ASSERT_TRUE(client.ok()) << client.error().message;
    const Stopwatch watch;
    client->reset();
    EXPECT_LT(watch.ms(), 1000);
    EXPECT_EQ(heard.closed, 1);
  }
  for (int i = 0; i < 20; ++i) {
    Heard heard;
    auto client = connect(heard);
    ASSERT_TRUE(client.ok());
    for (int n = 0; n < i; ++n) (*client)->send("x");
    const Stopwatch watch;
    client->reset();
    EXPECT_LT(watch.ms(), 1000);
    EXPECT_EQ(heard.closed, 1);
  }
}

// Programs that we start must not keep our ports and connections open.
TEST_F(WebSocketTest, NoDescriptorIsInherited) {
  serve();
  Heard heard;
  auto client = connect(heard);
  ASSERT_TRUE(client.ok());
  IoThreads threads;
  TcpRelay relay(threads, {.target_address = "127.0.0.1", .target_port = port_});
  const auto url = "http://127.0.0.1:" + std::to_string(relay.start().value());
  Client caller(Url::parse(url).value());
  EXPECT_TRUE(caller.call({}, milliseconds(5000)).ok());
  int sockets = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    const auto what = std::filesystem::read_symlink(entry.path(), gone).string();
    if (!what.starts_with("socket:")) continue;
    ++sockets;
    EXPECT_EQ(::fcntl(std::stoi(entry.path().filename()), F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
  }
  EXPECT_GE(sockets, 7);
}

TEST_F(WebSocketTest, StopsWithSocketsOpen) {
  serve();
  // One client that answers the goodbye, one that does not.
  Heard heard;
  auto client = connect(heard);
  ASSERT_TRUE(client.ok());
  const auto mute = RawSocket::connect(port_);
  mute.send(kUpgrade);
  mute.read_until("\r\n\r\n");
  const Stopwatch watch;
  server_->stop();
  EXPECT_LT(watch.ms(), 2000);
  EXPECT_EQ(heard_.closed, 2);
  const auto kept = server_socket();
  server_.reset();
  EXPECT_FALSE(kept->send("into the void"));
  kept->close("late");
}

}  // namespace
}  // namespace obelisk::http
