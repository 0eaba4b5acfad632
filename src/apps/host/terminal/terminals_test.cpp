// The host's terminals as a client sees them: a WebSocket at the other end of a pair of sockets,
// over terminals that are scripted (the real ones: tests/conformance/terminal_suite_test.cpp).
#include "apps/host/terminal/terminals.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <thread>

#include "adapters/fake/fake_terminal.hpp"
#include "adapters/http/testing.hpp"
#include "adapters/http/websocket_client.hpp"
#include "apps/host/terminal/session.hpp"
#include "core/terminal/messages.hpp"

namespace obelisk::host {
namespace {

using base::Code;
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
class TestContainers final : public ports::Containers {
 public:
  base::Result<void> check() override { return {}; }
  base::Result<ports::Container> start(const ports::ContainerSpec&) override {
    return ports::Container{};
  }
  base::Result<void> authorize(const std::string&, const ports::LoginKeys&) override { return {}; }
  base::Result<void> tell(const std::string&, const std::string&) override { return {}; }
  base::Result<void> set_end(const std::string&, const std::string&) override { return {}; }
  base::Result<ports::Usage> usage(const std::string&) override { return ports::Usage(); }
  base::Result<std::string> last_output(const std::string&, std::size_t) override {
    return std::string();
  }
  base::Result<ports::CommandEnd> execute(const std::string&, const ports::Command&,
                                          const std::stop_token&) override {
    return ports::CommandEnd();
  }
  base::Result<std::unique_ptr<ports::Terminal>> open_terminal(
      const std::string& lease, const ports::TerminalWish& wish) override {
    if (!wish.words.empty() && wish.words[0] == "none") {
      return base::Error{Code::not_found, "There is no program none that can be started.", "Go."};
    }
    auto real = std::make_shared<fake::FakeTerminal>(wish);
    const std::lock_guard lock(mutex);
    opened.push_back(real);
    leases.push_back(lease);
    return std::unique_ptr<ports::Terminal>(std::make_unique<View>(real));
  }
  base::Result<std::vector<ports::Container>> list() override {
    return std::vector<ports::Container>();
  }
  base::Result<void> wipe(const std::string&) override { return {}; }

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

base::PublicKey key(std::uint8_t seed) {
  base::PublicKey out;
  out.bytes.fill(seed);
  return out;
}

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

class TerminalsTest : public ::testing::Test {
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
  // What a client says bare, at the other end of a pair.
  std::string answer_to(const std::string& request) {
    std::array<int, 2> ends{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
    terminals_->take(key(9), ends[0]);
    const RawSocket socket(ends[1]);
    socket.send(request);
    return socket.read_all();
  }

  http::IoThreads io_{2};
  TestClock clock_;
  TestContainers containers_;
  std::unique_ptr<Terminals> terminals_ =
      std::make_unique<Terminals>(TerminalParts{containers_, clock_, io_, {}});
  std::atomic<std::uint8_t> lease_ = 9;
  RawServer door_{[this](RawSocket& socket) { terminals_->take(key(lease_), ::dup(socket.fd())); }};
};

TEST_F(TerminalsTest, AShellFromTheFirstByteToItsExitCode) {
  const auto guest = come("columns=100&rows=30&term=vt100");
  const auto begin = guest->begin();
  EXPECT_TRUE(begin.is_new);
  EXPECT_EQ(begin.offset, 0u);
  EXPECT_EQ(begin.replay_bytes, 0u);
  guest->type("echo $TERM\r");
  EXPECT_TRUE(guest->shows("vt100\r\n"));
  guest->socket->send(terminal::resize_message({120, 40}));
  guest->socket->send("nonsense");
  guest->socket->send(R"({"type":"resize","columns":9999,"rows":1})");
  ASSERT_TRUE(eventually([&] { return containers_.last()->sizes().size() == 2; }));
  guest->type("stty size\r");
  EXPECT_TRUE(guest->shows("40 120\r\n"));
  EXPECT_EQ(guest->offset(), guest->screen().size());
  guest->type("exit 7\r");
  const auto end = guest->end();
  EXPECT_EQ(end.exit_code, 7);
  EXPECT_EQ(end.code, "");
  EXPECT_TRUE(eventually([&] { return terminals_->sessions() == 0; }));
  EXPECT_EQ(containers_.leases, std::vector<std::string>{key(9).to_string()});
}

TEST_F(TerminalsTest, WhoComesBackMissesNothingAndGetsNothingTwice) {
  std::string all;
  terminal::Begin session;
  std::uint64_t offset = 0;
  {
    const auto guest = come();
    session = guest->begin();
    guest->type("echo one\r");
    ASSERT_TRUE(guest->shows("\r\none\r\n"));
    all = guest->screen();
    offset = guest->offset();
  }
  containers_.last()->say("while nobody was there, a question: \x1b[6n\r\n");
  const auto again = come_back(session, offset);
  const auto begin = again->begin();
  EXPECT_FALSE(begin.is_new);
  EXPECT_EQ(begin.session, session.session);
  EXPECT_EQ(begin.offset, offset);
  EXPECT_EQ(begin.replay_bytes, 0u);
  ASSERT_TRUE(again->shows("question: \x1b[6n\r\n"));
  EXPECT_EQ(again->screen(), "while nobody was there, a question: \x1b[6n\r\n");
  EXPECT_EQ(containers_.last()->sizes().size(), 1u) << "nothing has to be drawn anew";
  again->type("echo two\r");
  EXPECT_TRUE(again->shows("\r\ntwo\r\n"));
}

TEST_F(TerminalsTest, AFreshScreenIsDrawnWithoutQuestions) {
  const auto first = come("rows=50");
  containers_.last();
  const auto session = first->begin();
  containers_.last()->say("a picture\x1b[6n\x1b]52;c;?\a of it");
  ASSERT_TRUE(first->shows(" of it"));
  const auto elsewhere = come("session=" + session.session, 8);
  EXPECT_EQ(elsewhere->end().code, "not_found") << "another lease's sessions are not there";
  const auto other = come("session=" + session.session + "&from=0&rows=50");
  const auto begin = other->begin();
  EXPECT_FALSE(begin.is_new);
  ASSERT_TRUE(other->shows("a picture of it"));
  EXPECT_EQ(other->screen().size(), begin.replay_bytes);
  EXPECT_EQ(begin.offset, first->offset());
  const auto taken = first->end();
  EXPECT_FALSE(taken.exit_code) << "it was taken over";
  EXPECT_NE(taken.why.find("taken over"), std::string::npos);
  first->socket->send_binary("lost");
  // Programs that draw the whole screen are told of another size, and of the true one.
  ASSERT_TRUE(eventually([&] { return containers_.last()->sizes().size() == 3; }));
  const auto sizes = containers_.last()->sizes();
  EXPECT_EQ(sizes[1], std::make_pair(std::uint16_t{80}, std::uint16_t{49}));
  EXPECT_EQ(sizes[2], std::make_pair(std::uint16_t{80}, std::uint16_t{50}));
  other->type("x");
  ASSERT_TRUE(other->shows("of itx"));
  EXPECT_EQ(containers_.last()->typed(), "x");
  // One who asks for what is gone, or has not been yet, gets the whole screen too.
  const auto ahead = come_back(session, 1 << 30);
  ASSERT_TRUE(ahead->shows("a picture of itx"));
  containers_.last()->say(std::string(600 << 10, 'y'));
  ASSERT_TRUE(eventually([&] { return ahead->screen().size() > (600U << 10); }));
  const auto late = come_back(session, 5);
  ASSERT_TRUE(late->shows("yyyy"));
  EXPECT_GT(late->begin().replay_bytes, 256u << 10);
}

TEST_F(TerminalsTest, AGuestWhoReadsNothingHoldsNobodyUp) {
  const auto guest = come();
  guest->begin();
  guest->is_stuck = true;
  const std::string much(256 << 10, 'm');
  for (int i = 0; i < 60; ++i) containers_.last()->say(much);  // more than TCP takes
  // All of it is read from the lease, after some patience.
  ASSERT_TRUE(eventually([&] { return containers_.last()->unread() == 0; }, 20'000));
  containers_.last()->say("the end");
  guest->is_stuck = false;
  ASSERT_TRUE(guest->shows("the end"));
  EXPECT_GE(guest->begins(), 2u) << "his screen was drawn anew";
  EXPECT_FALSE(guest->is_closed);
  EXPECT_EQ(guest->screen().size() - guest->begin().replay_bytes + guest->begin().offset,
            guest->offset());
  guest->type("x");
  EXPECT_TRUE(guest->shows("the endx"));
}

TEST_F(TerminalsTest, AGuestWhoReadsSlowlyGetsEverything) {
  const auto guest = come();
  guest->type("seq 200000\r");  // 1.4 MB: more than is kept
  ASSERT_TRUE(guest->shows("\n200000\r\n"));
  std::string all = "seq 200000\r\n";
  for (int i = 1; i <= 200'000; ++i) all += std::to_string(i) + "\r\n";
  EXPECT_TRUE(guest->screen() == all);
  EXPECT_EQ(guest->begins(), 1u);
  // More than TCP takes: the lease waits for him.
  guest->is_slow = true;
  const std::string much(1 << 20, 'm');
  for (int i = 0; i < 20; ++i) containers_.last()->say(much);
  const std::size_t expected = all.size() + 20 * much.size();
  EXPECT_TRUE(eventually([&] { return guest->screen().size() >= expected; }, 30'000));
  EXPECT_EQ(guest->screen().size(), expected);
  EXPECT_EQ(guest->begins(), 1u);
}

TEST_F(TerminalsTest, ALeaseThatWritesTooMuchHasToWait) {
  const auto guest = come();
  guest->begin();
  const auto writer = containers_.last();
  const auto other = come();
  other->begin();
  const auto quiet = containers_.last();
  clock_.stop();
  constexpr std::size_t kPiece = 64 << 10;
  constexpr std::size_t kMuch = 2 * kOutputBurst;
  writer->say(std::string(kMuch, 'm'));
  const auto left = [&] { return writer->unread(); };
  const auto settles_at = [&](std::size_t bytes) {
    EXPECT_TRUE(eventually([&] { return left() <= bytes; })) << left();
    std::this_thread::sleep_for(milliseconds(100));
    EXPECT_GE(left() + kPiece, bytes);
  };
  settles_at(kMuch - kOutputBurst);
  // Its other sessions have the same share; another lease has its own.
  quiet->say("late");
  const auto elsewhere = come("", 8);
  elsewhere->type("here");
  EXPECT_TRUE(elsewhere->shows("here"));
  EXPECT_EQ(quiet->unread(), 4u);
  guest->type("typed all the same");
  EXPECT_TRUE(eventually([&] { return writer->typed().ends_with("same"); }));
  clock_.ahead += 500;
  settles_at(kMuch - kOutputBurst - 500 * kOutputBytesPerMs);
  clock_.stands_at = 0;
  EXPECT_TRUE(guest->shows("typed all the same"));
  EXPECT_TRUE(other->shows("late"));
}

TEST_F(TerminalsTest, ALeaseThatWritesTooMuchCanBeEnded) {
  const auto guest = come();
  guest->begin();
  clock_.stop();
  containers_.last()->say(std::string(2 * kOutputBurst, 'm'));
  terminals_->lease_ended(key(9));
  EXPECT_EQ(guest->end().code, "expired");
}

TEST(OutputBudget, IsSpentAndComesBack) {
  OutputBudget budget(1'000);
  EXPECT_TRUE(budget.has_some(1'000));
  budget.spend(kOutputBurst - 1);
  EXPECT_TRUE(budget.has_some(1'000));
  budget.spend(1);
  EXPECT_FALSE(budget.has_some(1'000)) << "even one byte costs something";
  EXPECT_FALSE(budget.has_some(900)) << "a clock that goes back gives nothing";
  EXPECT_TRUE(budget.has_some(1'001));
  budget.spend(10 * kOutputBytesPerMs);
  EXPECT_FALSE(budget.has_some(1'007));
  EXPECT_TRUE(budget.has_some(1'011));
  EXPECT_TRUE(budget.has_some(std::int64_t{1} << 62));
  budget.spend(kOutputBurst);
  EXPECT_FALSE(budget.has_some(std::int64_t{1} << 62)) << "no more is saved up";
}

TEST_F(TerminalsTest, WhoTypesMoreThanIsReadHasToWait) {
  const auto guest = come();
  guest->type("sleep 100\r");
  const std::string paste(32 << 10, 'p');
  for (int i = 0; i < 400; ++i) guest->type(paste);  // more than TCP takes
  std::this_thread::sleep_for(milliseconds(300));
  EXPECT_GT(guest->socket->queued_bytes(), 0u) << "not all of it is taken off his hands";
  containers_.last()->say("still shown");
  EXPECT_TRUE(guest->shows("still shown"));
  // Whoever else comes is not held up.
  const auto other = come_back(guest->begin());
  EXPECT_TRUE(other->shows("still shown"));
}

TEST_F(TerminalsTest, HowItEndedIsToldToWhoComesLater) {
  const auto guest = come();
  const auto session = guest->begin();
  guest->type("x");
  ASSERT_TRUE(guest->shows("x"));
  const std::uint64_t offset = guest->offset();
  guest->socket.reset();
  containers_.last()->say("last words");
  containers_.last()->exit(3);
  std::this_thread::sleep_for(milliseconds(300));
  EXPECT_EQ(terminals_->sessions(), 1u) << "it waits";
  const auto back = come_back(session, offset);
  EXPECT_EQ(back->end().exit_code, 3);
  EXPECT_EQ(back->screen(), "last words");
  ASSERT_TRUE(eventually([&] { return terminals_->sessions() == 0; }));
  const auto later = come_back(session, offset);
  EXPECT_EQ(later->end().exit_code, 3) << "that much is remembered";
  const auto elsewhere = come("session=" + session.session + "&from=1", 8);
  EXPECT_EQ(elsewhere->end().code, "not_found") << "another lease's sessions are not there";
  EXPECT_EQ(come("session=0123456789abcdef")->end().code, "not_found");
  EXPECT_EQ(come("command=WyJub25lIl0")->end().code, "not_found");
}

TEST_F(TerminalsTest, SessionsAreBoundedAndEnd) {
  std::vector<std::unique_ptr<Guest>> guests;
  for (std::size_t i = 0; i < kMaxSessionsOfALease; ++i) {
    guests.push_back(come());
    guests.back()->begin();
  }
  EXPECT_EQ(come()->end().code, "rate_limited") << "all of them are in use";
  const auto first = guests[2]->begin();
  guests[2]->socket.reset();
  std::this_thread::sleep_for(milliseconds(100));
  const auto ninth = come();
  EXPECT_TRUE(ninth->begin().is_new) << "the one where nobody was made way";
  EXPECT_EQ(come_back(first)->end().code, "expired");
  EXPECT_TRUE(come("", 8)->begin().is_new) << "another lease has its own";
  terminals_->lease_ended(key(9));
  for (auto& guest : guests) {
    if (guest->socket) EXPECT_EQ(guest->end().code, "expired");
  }
  for (int i = 0; i < kNewSessionsAtOnce; ++i) come();
  EXPECT_EQ(come()->end().code, "rate_limited");
}

TEST_F(TerminalsTest, OneThatNobodyComesBackToIsEnded) {
  const auto guest = come();
  const auto session = guest->begin();
  guest->socket.reset();
  std::this_thread::sleep_for(milliseconds(300));
  clock_.ahead = kAloneForMs - 60'000;
  std::this_thread::sleep_for(milliseconds(600));
  EXPECT_FALSE(containers_.last()->exit_code());
  clock_.ahead = kAloneForMs;
  EXPECT_TRUE(eventually([&] { return containers_.last()->exit_code().has_value(); }));
}

TEST_F(TerminalsTest, WhatIsNoRequestOfOursIsAnsweredInWords) {
  EXPECT_TRUE(answer_to("GET / HTTP/1.1\r\nHost: x\r\n\r\n").starts_with("HTTP/1.1 426 "));
  const std::string upgrade =
      " HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
  EXPECT_TRUE(answer_to("GET /other" + upgrade).starts_with("HTTP/1.1 404 "));
  const std::string wrong = answer_to("GET /?columns=0" + upgrade);
  EXPECT_TRUE(wrong.starts_with("HTTP/1.1 400 ")) << wrong;
  EXPECT_EQ(terminals_->sessions(), 0u);
}

TEST_F(TerminalsTest, EndsWithItsHost) {
  const auto guest = come();
  guest->begin();
  terminals_.reset();
  EXPECT_EQ(guest->end().code, "unreachable");
  EXPECT_TRUE(containers_.last()->exit_code());
}

}  // namespace
}  // namespace obelisk::host
