// A person at a terminal of a lease: keys that are for the program itself, and a seat on a real pty
// with a scripted host at the other end, whose connections break.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>
#include <future>
#include <mutex>

#include "adapters/http/server.hpp"
#include "adapters/http/testing.hpp"
#include "apps/cli/terminal/raw_mode.hpp"
#include "apps/cli/terminal/seat.hpp"
#include "core/terminal/messages.hpp"

namespace obelisk::cli {
namespace {

using base::Code;
using http::testing::eventually;
using terminal::Begin;
using terminal::End;

constexpr const char* kSession = "0123456789abcdef";

TEST(EscapeKeys, LeaveAtTheBeginningOfALineOnly) {
  const auto for_lease = [](const std::vector<std::string>& typed, bool* left = nullptr) {
    EscapeKeys keys;
    std::string out;
    for (const std::string& piece : typed) out += keys.take(piece);
    if (left != nullptr) *left = keys.leaves();
    return out;
  };
  bool left = false;
  EXPECT_EQ(for_lease({"~.more"}, &left), "");
  EXPECT_TRUE(left);
  EXPECT_EQ(for_lease({"ls\r", "~", ".", "x"}, &left), "ls\r");
  EXPECT_TRUE(left);
  EXPECT_EQ(for_lease({"a~.b"}, &left), "a~.b");
  EXPECT_FALSE(left);
  EXPECT_EQ(for_lease({"~~.", "\n~~/x"}, &left), "~.\n~/x");
  EXPECT_FALSE(left);
  EXPECT_EQ(for_lease({"cd ~\r~/bin\r"}, &left), "cd ~\r~/bin\r");
  EXPECT_FALSE(left);
  EXPECT_EQ(for_lease({"\r~\r~."}, &left), "\r~\r");
  EXPECT_TRUE(left);
}

// The host's side: what it hears, and sockets to speak on.
class Host {
 public:
  Host()
      : server_({}, [this](const http::Request& request, http::Exchange& exchange) {
          serve(request, exchange);
        }) {
    port_ = server_.start().value();
  }
  ~Host() { server_.stop(); }

  std::uint16_t port() const { return port_; }
  // The n-th connection, once it is there.
  std::shared_ptr<http::WebSocket> socket(std::size_t number) {
    EXPECT_TRUE(eventually([&] { return count() > number; }, 20'000));
    const std::lock_guard lock(mutex_);
    return number < sockets_.size() ? sockets_[number] : nullptr;
  }
  std::size_t count() {
    const std::lock_guard lock(mutex_);
    return sockets_.size();
  }
  std::string query(std::size_t number) {
    const std::lock_guard lock(mutex_);
    return queries_[number];
  }
  std::string typed() {
    const std::lock_guard lock(mutex_);
    return typed_;
  }
  std::vector<terminal::Size> sizes() {
    const std::lock_guard lock(mutex_);
    return sizes_;
  }
  std::string pass;
  std::atomic<bool> refuses = false;
  std::atomic<bool> is_away = false;

 private:
  void serve(const http::Request& request, http::Exchange& exchange) {
    if (refuses) return exchange.reply({403, {}, "text/plain", "no"});
    if (is_away) return exchange.reply({404, {}, "text/plain", "nobody here yet"});
    const auto shown = request.header("X-Obelisk-Pass");
    if (shown) pass = *shown;
    http::WebSocketHandlers handlers;
    handlers.on_message = [this](std::string_view text) {
      const std::lock_guard lock(mutex_);
      if (const auto size = terminal::read_resize(text)) sizes_.push_back(*size);
    };
    handlers.on_binary = [this](std::string_view bytes) {
      const std::lock_guard lock(mutex_);
      typed_ += bytes;
    };
    auto socket = exchange.accept_websocket(std::move(handlers), 1 << 20);
    const std::lock_guard lock(mutex_);
    queries_.push_back(request.query);
    sockets_.push_back(std::move(socket));
  }

  std::mutex mutex_;
  std::vector<std::shared_ptr<http::WebSocket>> sockets_;
  std::vector<std::string> queries_;
  std::string typed_;
  std::vector<terminal::Size> sizes_;
  http::Server server_;
  std::uint16_t port_ = 0;
};

// Held back from every thread that is made after it.
struct HeldSignals {
  HeldSignals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGWINCH);
    sigaddset(&signals, SIGTERM);
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    fd = ::signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
  }
  ~HeldSignals() { ::close(fd); }
  int fd = -1;
};

// A pty as a person's: what is typed at `outer` is read by the seat, and the other way round.
class TerminalSeatTest : public ::testing::Test {
 protected:
  void SetUp() override {
    winsize size{};
    size.ws_col = 90;
    size.ws_row = 30;
    ASSERT_EQ(::openpty(&outer_, &inner_, nullptr, nullptr, &size), 0);
    ::fcntl(outer_, F_SETFL, O_NONBLOCK);
    ::tcgetattr(inner_, &before_);
  }
  void TearDown() override {
    for (const int fd : {outer_, inner_}) ::close(fd);
  }
  void sit(const terminal::Opening& opening = {}) {
    const auto url = http::Url::parse("ws://127.0.0.1:" + std::to_string(host_.port())).value();
    result_ = std::async(std::launch::async, [this, url, opening] {
      SeatParts parts{inner_, inner_, signals_.fd,
                      [url] { return base::Result(TerminalAddress{url, "the-pass"}); }, opening};
      return TerminalSeat(std::move(parts)).sit();
    });
  }
  base::Result<SeatEnd> end() {
    EXPECT_TRUE(eventually(
        [&] {
          drain();
          return result_.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
        },
        20'000));
    drain();
    termios now{};
    ::tcgetattr(inner_, &now);
    EXPECT_EQ(now.c_lflag, before_.c_lflag) << "the terminal is as it was";
    EXPECT_EQ(now.c_oflag, before_.c_oflag);
    return result_.get();
  }
  void drain() {
    char bytes[4096];
    for (ssize_t n = 0; (n = ::read(outer_, bytes, sizeof bytes)) > 0;) {
      screen_.append(bytes, static_cast<std::size_t>(n));
    }
  }
  bool shows(const std::string& what) {
    return eventually([&] {
      drain();
      return screen_.find(what) != std::string::npos;
    });
  }
  void type(const std::string& bytes) const {
    EXPECT_EQ(::write(outer_, bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  }
  void begin(std::size_t number, std::uint64_t offset, bool is_new, std::uint64_t replay = 0) {
    host_.socket(number)->send(to_message(Begin{kSession, offset, is_new, replay}));
  }

  HeldSignals signals_;
  Host host_;
  int outer_ = -1;
  int inner_ = -1;
  termios before_{};
  std::string screen_;
  std::future<base::Result<SeatEnd>> result_;
};

TEST_F(TerminalSeatTest, TypesShowsAndEndsAsWhatRanEnded) {
  terminal::Opening opening;
  opening.term = "vt100";
  opening.words = {"top", "-d", "1"};
  sit(opening);
  const auto socket = host_.socket(0);
  EXPECT_EQ(host_.pass, "the-pass");
  opening.size = {90, 30};
  EXPECT_EQ(*terminal::read_opening(host_.query(0)), opening);
  begin(0, 0, true);
  socket->send_binary("\x1b[?1049h\x1b[1mbytes \xff\r\n");
  EXPECT_TRUE(shows("\x1b[?1049h\x1b[1mbytes \xff\r\n"));
  type("q\x03\x1a\x11 \x04");
  EXPECT_TRUE(eventually([&] { return host_.typed() == "q\x03\x1a\x11 \x04"; })) << "all keys";
  winsize size{};
  size.ws_col = 120;
  size.ws_row = 40;
  ::ioctl(outer_, TIOCSWINSZ, &size);
  ::kill(::getpid(), SIGWINCH);
  EXPECT_TRUE(eventually([&] { return host_.sizes() == std::vector<terminal::Size>{{120, 40}}; }));
  socket->send(to_message(End{7, "", "It has ended."}));
  const auto ended = end();
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->exit_code, 7);
  EXPECT_FALSE(ended->has_left);
  EXPECT_NE(screen_.find("\x1b[?1049l"), std::string::npos) << "no second screen is left behind";
}

TEST_F(TerminalSeatTest, ComesBackByItselfAndMissesNothing) {
  sit();
  begin(0, 0, true);
  host_.socket(0)->send_binary("12345");
  ASSERT_TRUE(shows("12345"));
  host_.socket(0)->close("");
  ASSERT_TRUE(shows("The connection is lost; trying again"));
  type("lost");
  const auto second = host_.socket(1);
  EXPECT_EQ(host_.query(1),
            "columns=90&rows=30&term=xterm-256color&session=0123456789abcdef&from=5");
  begin(1, 5, false);
  second->send_binary("67");
  ASSERT_TRUE(shows("67"));
  type("heard");
  EXPECT_TRUE(eventually([&] { return host_.typed() == "heard"; })) << host_.typed();
  // Our line is gone, and whoever draws there is asked to draw again.
  EXPECT_TRUE(
      eventually([&] { return host_.sizes() == std::vector<terminal::Size>{{90, 29}, {90, 30}}; }));
  // A screen that is drawn anew is not counted; half of one is asked for again.
  second->close("");
  const auto third = host_.socket(2);
  EXPECT_TRUE(host_.query(2).ends_with("&from=7")) << host_.query(2);
  begin(2, 1000, false, 8);
  third->send_binary("rep");
  ASSERT_TRUE(shows("rep"));
  third->close("");
  const auto fourth = host_.socket(3);
  EXPECT_TRUE(host_.query(3).ends_with("&from=0")) << host_.query(3);
  begin(3, 1000, false, 8);
  fourth->send_binary("replayed+");
  ASSERT_TRUE(shows("replayed+"));
  host_.is_away = true;
  fourth->close("");
  std::this_thread::sleep_for(std::chrono::milliseconds(500));
  host_.is_away = false;
  const auto fifth = host_.socket(4);
  EXPECT_TRUE(host_.query(4).ends_with("&from=1001")) << host_.query(4);
  begin(4, 1001, false);
  fifth->send(to_message(End{0, "", ""}));
  EXPECT_EQ(end()->exit_code, 0);
}

TEST_F(TerminalSeatTest, LeavesByItsKeys) {
  sit();
  begin(0, 0, true);
  host_.socket(0)->send_binary("prompt ");
  ASSERT_TRUE(shows("prompt "));
  type("x\r~.");
  const auto left = end();
  ASSERT_TRUE(left);
  EXPECT_TRUE(left->has_left);
  EXPECT_EQ(left->session, kSession);
  EXPECT_TRUE(eventually([&] { return host_.typed() == "x\r"; }));
}

TEST_F(TerminalSeatTest, LeavesWhileItIsAway) {
  sit();
  begin(0, 0, true);
  host_.socket(0)->send_binary("prompt ");
  ASSERT_TRUE(shows("prompt "));
  host_.is_away = true;
  host_.socket(0)->close("");
  ASSERT_TRUE(shows("Enter ~ . leaves"));
  type("\r~.");
  EXPECT_TRUE(end()->has_left);
}

TEST_F(TerminalSeatTest, ASignalPutsTheTerminalBack) {
  sit();
  begin(0, 0, true);
  host_.socket(0)->send_binary("prompt ");
  ASSERT_TRUE(shows("prompt "));
  ::kill(::getpid(), SIGTERM);
  const auto left = end();
  ASSERT_TRUE(left);
  EXPECT_EQ(left->exit_code, 143);
}

TEST_F(TerminalSeatTest, WhatTryingAgainDoesNotChangeIsSaid) {
  host_.refuses = true;
  sit();
  EXPECT_EQ(end().error().code, Code::forbidden);
  host_.refuses = false;
  sit();
  begin(0, 0, true);
  host_.socket(0)->send_binary("prompt ");
  ASSERT_TRUE(shows("prompt "));
  host_.socket(0)->send(to_message(End{{}, "conflict", "Taken over."}));
  const auto taken = end();
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, Code::conflict);
  EXPECT_EQ(taken.error().message, "Taken over.");
  sit();
  begin(1, 0, true);
  host_.socket(1)->send_binary("again ");
  ASSERT_TRUE(shows("again "));
  host_.refuses = true;
  host_.socket(1)->close("");
  EXPECT_EQ(end().error().code, Code::forbidden) << "the pass is good no more";
}

TEST_F(TerminalSeatTest, ANoTerminalIsToldSo) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const auto raw = RawMode::begin(ends[0]);
  ASSERT_FALSE(raw);
  EXPECT_EQ(raw.error().code, Code::usage);
  ::close(ends[0]);
  ::close(ends[1]);
}

}  // namespace
}  // namespace obelisk::cli
