// How much of a host its terminals may use: processor, connections, sessions and threads.
#include <gtest/gtest.h>
#include <pthread.h>

#include <thread>

#include "apps/host/terminal/output_budget.hpp"
#include "apps/host/terminal/terminals.hpp"
#include "apps/host/terminal/testing.hpp"

namespace obelisk::host {
namespace {

using http::testing::eventually;
using http::testing::RawSocket;
using std::chrono::milliseconds;
using testing::Guest;
using testing::key;
using testing::kUpgrade;

class TerminalBounds : public testing::TerminalsGround {};

TEST_F(TerminalBounds, ALeaseThatWritesTooMuchHasToWait) {
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

TEST_F(TerminalBounds, ALeaseThatWritesTooMuchCanBeEnded) {
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

TEST_F(TerminalBounds, SessionsAreBoundedAndEnd) {
  std::vector<std::unique_ptr<Guest>> guests;
  for (std::size_t i = 0; i < kMaxSessionsOfALease; ++i) {
    guests.push_back(come());
    guests.back()->begin();
  }
  EXPECT_EQ(come()->end().code, "rate_limited") << "all of them are in use";
  const auto first = guests[2]->begin();
  guests[2]->socket.reset();
  std::unique_ptr<Guest> ninth;
  ASSERT_TRUE(eventually([&] {
    clock_.ahead += kNewSessionEveryMs;  // each try counts as a new one
    ninth = come();
    return ninth->is_let_in();
  }));
  EXPECT_TRUE(ninth->begin().is_new) << "the one where nobody was made way";
  EXPECT_EQ(come_back(first)->end().code, "expired");
  EXPECT_TRUE(come("", 8)->begin().is_new) << "another lease has its own";
  terminals_->lease_ended(key(9));
  for (auto& guest : guests) {
    if (guest->socket) EXPECT_EQ(guest->end().code, "expired");
  }
}

TEST_F(TerminalBounds, NewSessionsOfALeaseComeAtAPace) {
  clock_.stop();
  const std::string over = "command=bm9uZQ";  // as soon as it has begun
  for (int i = 0; i < kNewSessionsAtOnce; ++i) EXPECT_EQ(come(over)->end().code, "not_found");
  EXPECT_EQ(come(over)->end().code, "rate_limited");
  EXPECT_EQ(come(over, 8)->end().code, "not_found") << "another lease has its own";
  clock_.ahead += kNewSessionEveryMs;
  EXPECT_EQ(come(over)->end().code, "not_found");
  EXPECT_EQ(come(over)->end().code, "rate_limited");
  terminals_->lease_ended(key(9));
  EXPECT_EQ(come(over)->end().code, "not_found");
}

TEST_F(TerminalBounds, ConnectionsOfALeaseAreBounded) {
  std::vector<RawSocket> silent;
  for (std::size_t i = 0; i < kMaxConnectionsOfALease; ++i) silent.push_back(connection(9));
  EXPECT_TRUE(connection(9).read_all().starts_with("HTTP/1.1 503 "));
  EXPECT_TRUE(come("", 8)->begin().is_new) << "another lease has its own";
  silent.clear();
  std::string answer;
  EXPECT_TRUE(eventually([&] {
    answer = answer_to("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    return answer.starts_with("HTTP/1.1 426 ");
  })) << answer;
  // One that is refused has its place for a moment more, as its connection has.
  clock_.stop();
  const std::string wrong = "GET /other" + std::string(kUpgrade);
  for (std::size_t i = 0; i < 2 * kMaxConnectionsOfALease; ++i) answer = answer_to(wrong);
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 503 ")) << answer;
  clock_.ahead += 60'000;
  EXPECT_TRUE(answer_to(wrong).starts_with("HTTP/1.1 404 "));
}

// As on a machine that has no room for one more.
class NoThreads {
 public:
  NoThreads() {
    ::pthread_getattr_default_np(&before_);
    pthread_attr_t huge;
    ::pthread_attr_init(&huge);
    EXPECT_EQ(::pthread_attr_setstacksize(&huge, std::size_t{1} << 50), 0);
    EXPECT_EQ(::pthread_setattr_default_np(&huge), 0);
    ::pthread_attr_destroy(&huge);
  }
  ~NoThreads() {
    ::pthread_setattr_default_np(&before_);
    ::pthread_attr_destroy(&before_);
  }
  NoThreads(const NoThreads&) = delete;
  NoThreads& operator=(const NoThreads&) = delete;

 private:
  pthread_attr_t before_{};
};

TEST_F(TerminalBounds, WithoutAThreadNothingIsLeft) {
  {
    const NoThreads none;
    const std::string told = answer_to("GET /" + std::string(kUpgrade));
    EXPECT_NE(told.find("no thread left"), std::string::npos) << told;
  }
  EXPECT_EQ(terminals_->sessions(), 0u);
  EXPECT_TRUE(come()->begin().is_new);
}

}  // namespace
}  // namespace obelisk::host
