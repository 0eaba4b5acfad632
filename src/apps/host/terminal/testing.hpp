// A client of the host's terminals, over terminals that are scripted. Only for tests.
#pragma once

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "adapters/fake/fake_terminal.hpp"
#include "adapters/http/testing.hpp"
#include "adapters/http/websocket_client.hpp"
#include "apps/host/terminal/terminals.hpp"
#include "core/terminal/messages.hpp"
#include "ports/containers_testing.hpp"

namespace obelisk::host::testing {

using http::testing::eventually;
using http::testing::RawServer;
using http::testing::RawSocket;
using std::chrono::milliseconds;

// Runs as this machine's does, and can be put ahead, or stopped.
class TestClock final : public ports::Clock {
 public:
  base::UnixMillis now_ms() override { return steady_ms(); }
  std::int64_t steady_ms() override {
    if (const std::int64_t time = stands_at) return time + ahead;
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration_cast<milliseconds>(now).count() + ahead;
  }
  void stop() { stands_at = steady_ms(); }
  std::atomic<std::int64_t> ahead = 0;
  std::atomic<std::int64_t> stands_at = 0;  // 0: it runs
};

// Hands out scripted terminals and keeps a view of each.
class TestContainers final : public ports::testing::NoContainers {
 public:
  base::Result<std::unique_ptr<ports::Terminal>> open_terminal(
      const std::string& lease, const ports::TerminalWish& wish) override {
    if (!wish.words.empty() && wish.words[0] == "none") {
      return base::Error{base::Code::not_found, "There is no program none that can be started.",
                         "Go."};
    }
    auto real = std::make_shared<fake::FakeTerminal>(wish);
    const std::lock_guard lock(mutex);
    opened.push_back(real);
    leases.push_back(lease);
    return std::unique_ptr<ports::Terminal>(std::make_unique<View>(real));
  }

  std::shared_ptr<fake::FakeTerminal> last() {
    const std::lock_guard lock(mutex);
    return opened.empty() ? nullptr : opened.back();
  }
  std::mutex mutex;
  std::vector<std::shared_ptr<fake::FakeTerminal>> opened;
  std::vector<std::string> leases;

 private:
  class View final : public ports::Terminal {
   public:
    explicit View(std::shared_ptr<fake::FakeTerminal> real) : real_(std::move(real)) {}
    ports::TerminalOutput read(milliseconds timeout) override { return real_->read(timeout); }
    std::size_t write(std::string_view bytes) override { return real_->write(bytes); }
    void resize(std::uint16_t columns, std::uint16_t rows) override {
      real_->resize(columns, rows);
    }
    void end() override { real_->end(); }
    std::optional<int> exit_code() const override { return real_->exit_code(); }

   private:
    std::shared_ptr<fake::FakeTerminal> real_;
  };
};

inline base::PublicKey key(std::uint8_t seed) {
  base::PublicKey out;
  out.bytes.fill(seed);
  return out;
}

inline constexpr std::string_view kUpgrade =
    " HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

// A client, and all that it was told.
class Guest {
 public:
  http::WebSocketHandlers handlers() {
    return {[this](std::string_view text) {
              const std::lock_guard lock(mutex_);
              if (const auto begin = terminal::read_begin(text)) begins_.push_back(*begin);
              if (const auto end = terminal::read_end(text)) end_ = *end;
            },
            [this](std::string_view) { is_closed = true; },
            [this](std::string_view bytes) {
              if (is_slow) std::this_thread::sleep_for(milliseconds(1));
              while (is_stuck) std::this_thread::sleep_for(milliseconds(1));
              const std::lock_guard lock(mutex_);
              if (begins_.size() > 1 && begins_seen_ < begins_.size()) screen_.clear();
              begins_seen_ = begins_.size();
              screen_ += bytes;
            }};
  }
  bool shows(const std::string& what) {
    return eventually([&] { return screen().find(what) != std::string::npos; });
  }
  std::string screen() {
    const std::lock_guard lock(mutex_);
    return screen_;
  }
  std::size_t begins() {
    const std::lock_guard lock(mutex_);
    return begins_.size();
  }
  terminal::Begin begin() {
    EXPECT_TRUE(eventually([&] { return begins() > 0; }));
    const std::lock_guard lock(mutex_);
    return begins_.empty() ? terminal::Begin{} : begins_.back();
  }
  // Or turned away.
  bool is_let_in() {
    EXPECT_TRUE(eventually([&] { return begins() > 0 || is_closed; }));
    return begins() > 0;
  }
  // The number of the byte that comes next.
  std::uint64_t offset() {
    const auto last = begin();
    return last.offset + screen().size() - last.replay_bytes;
  }
  terminal::End end() {
    EXPECT_TRUE(eventually([&] { return is_closed.load(); }, 10'000));
    const std::lock_guard lock(mutex_);
    EXPECT_TRUE(end_);
    return end_.value_or(terminal::End{});
  }
  void type(std::string_view bytes) const { EXPECT_TRUE(socket->send_binary(bytes)); }

  std::atomic<bool> is_closed = false;
  std::atomic<bool> is_stuck = false;
  std::atomic<bool> is_slow = false;

 private:
  std::mutex mutex_;
  std::vector<terminal::Begin> begins_;
  std::size_t begins_seen_ = 0;
  std::string screen_;
  std::optional<terminal::End> end_;

 public:
  std::unique_ptr<http::WebSocketClient> socket;  // goes first
};

class TerminalsGround : public ::testing::Test {
 protected:
  std::unique_ptr<Guest> come(const std::string& query = "", std::uint8_t lease = 9) {
    auto out = std::make_unique<Guest>();
    lease_ = lease;
    const auto url = http::Url::parse(door_.url("ws") + "/?" + query).value();
    auto socket = http::WebSocketClient::connect(url, out->handlers(), {}, milliseconds(5000));
    EXPECT_TRUE(socket) << (socket ? "" : socket.error().message);
    if (socket) out->socket = *std::move(socket);
    return out;
  }
  std::unique_ptr<Guest> come_back(const terminal::Begin& to, std::uint64_t from = 0) {
    return come("session=" + to.session + "&from=" + std::to_string(from));
  }
  // The other end of a pair.
  RawSocket connection(std::uint8_t lease) {
    std::array<int, 2> ends{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
    terminals_->take(key(lease), ends[0]);
    return RawSocket(ends[1]);
  }
  // What a client says bare.
  std::string answer_to(const std::string& request) {
    const RawSocket socket = connection(9);
    socket.send(request);
    return socket.read_all();
  }

  http::IoThreads io_{2};
  TestClock clock_;
  TestContainers containers_;
  std::unique_ptr<Terminals> terminals_ =
      std::make_unique<Terminals>(TerminalParts{containers_, clock_, io_});
  std::atomic<std::uint8_t> lease_ = 9;
  RawServer door_{[this](RawSocket& socket) { terminals_->take(key(lease_), ::dup(socket.fd())); }};
};

}  // namespace obelisk::host::testing
