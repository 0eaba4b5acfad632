// The host's terminals as a client sees them: a WebSocket at the other end of a pair of sockets,
// over terminals that are scripted (the real ones: tests/conformance/terminal_suite_test.cpp).
#include "apps/host/terminal/terminals.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "apps/host/terminal/session.hpp"
#include "apps/host/terminal/testing.hpp"

namespace obelisk::host {
namespace {

using http::testing::eventually;
using std::chrono::milliseconds;
using testing::key;
using testing::kUpgrade;

class TerminalsTest : public testing::TerminalsGround {};

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
  guest->socket->send(R"({"columns":9999,"rows":1,"type":"resize"})");
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
  EXPECT_EQ(come("command=bm9uZQ")->end().code, "not_found");
}

TEST_F(TerminalsTest, OneThatNobodyComesBackToIsEnded) {
  const auto guest = come();
  const auto session = guest->begin();
  guest->socket.reset();
  std::this_thread::sleep_for(milliseconds(300));
  clock_.ahead = kAloneForMs - 60'000;
  std::this_thread::sleep_for(milliseconds(600));
  EXPECT_FALSE(containers_.last()->exit_code());
  // Twice as long: the host may have noticed only after the first step that nobody is there.
  clock_.ahead = 2 * kAloneForMs;
  EXPECT_TRUE(eventually([&] { return containers_.last()->exit_code().has_value(); }));
}

TEST_F(TerminalsTest, WhatIsNoRequestOfOursIsAnsweredInWords) {
  EXPECT_TRUE(answer_to("GET / HTTP/1.1\r\nHost: x\r\n\r\n").starts_with("HTTP/1.1 426 "));
  const std::string upgrade(kUpgrade);
  EXPECT_TRUE(answer_to("GET /other" + upgrade).starts_with("HTTP/1.1 404 "));
  const std::string wrong = answer_to("GET /?columns=0" + upgrade);
  EXPECT_TRUE(wrong.starts_with("HTTP/1.1 400 ")) << wrong;
  EXPECT_EQ(terminals_->sessions(), 0u);
}

TEST_F(TerminalsTest, EndsWithItsHost) {
  const auto guest = come();
  guest->begin();
  terminals_->stop();
  EXPECT_EQ(guest->end().code, "unreachable") << "by then he has it";
  EXPECT_TRUE(containers_.last()->exit_code());
  EXPECT_TRUE(connection(9).read_all().starts_with("HTTP/1.1 503 "));
  terminals_->lease_ended(key(9));
  terminals_->stop();
}

}  // namespace
}  // namespace obelisk::host
