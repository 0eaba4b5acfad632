#include "apps/market/asks/ask_desk.hpp"

#include <gtest/gtest.h>

#include "apps/market/testing.hpp"

namespace obelisk::market_app {
namespace {

using testing::key;

class Asks : public ::testing::Test {
 protected:
  void ask(std::uint8_t host, std::uint8_t lease, std::string body = "") {
    api::MarketAsk question;
    question.lease = key(lease);
    question.what = "readings";
    if (!body.empty()) question.call = api::SignedCall{"POST", "/", "h", std::move(body), "a"};
    desk.ask(key(host), question, kAskTimeoutMs,
             [this](base::Result<api::HostAnswer> said) { answers.push_back(std::move(said)); });
  }
  std::string id_of(std::size_t at) { return api::market_ask_from_json(sent.at(at))->id; }

  testing::TestClock clock;
  bool connected = true;
  std::vector<std::string> sent;
  std::vector<base::Result<api::HostAnswer>> answers;
  AskDesk desk{clock, [this](const base::PublicKey&, const std::string& message) {
                 if (connected) sent.push_back(message);
                 return connected;
               }};
};

TEST_F(Asks, AnAnswerIsTakenOnceAndFromWhoWasAsked) {
  ask(1, 5);
  ask(1, 5);
  ASSERT_EQ(sent.size(), 2u);
  EXPECT_EQ(id_of(0).size(), 32u);
  EXPECT_NE(id_of(0), id_of(1));
  desk.answered(key(2), {"answer", id_of(0), {}, {}, {}, {}});
  EXPECT_TRUE(answers.empty()) << "another host's";
  desk.answered(key(1), {"answer", std::string(32, '0'), {}, {}, {}, {}});
  EXPECT_TRUE(answers.empty()) << "nobody asked that";
  desk.answered(key(1), {"answer", id_of(0), {}, {}, {}, {}});
  desk.answered(key(1), {"answer", id_of(0), {}, {}, {}, {}});
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_EQ(answers[0]->id, id_of(0));
  EXPECT_EQ(desk.size(), 1u);
}

TEST_F(Asks, WhoIsNotThereOrGoesSaysNothing) {
  connected = false;
  ask(1, 5);
  ASSERT_EQ(answers.size(), 1u) << "at once";
  EXPECT_EQ(answers[0].error().code, base::Code::unreachable);
  connected = true;
  ask(1, 5);
  ask(2, 6);
  desk.host_gone(key(1));
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_EQ(answers[1].error().code, base::Code::unreachable);
  EXPECT_EQ(desk.size(), 1u);
  clock.steady += kAskTimeoutMs;
  desk.sweep();
  EXPECT_EQ(answers.size(), 2u);
  clock.steady += 1;
  desk.sweep();
  ASSERT_EQ(answers.size(), 3u);
  EXPECT_EQ(answers[2].error().code, base::Code::timeout);
}

TEST_F(Asks, BoundsAreOfALeaseAHostAndItsBytes) {
  for (std::size_t i = 0; i <= kMaxAsksPerLease; ++i) ask(1, 5);
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_EQ(answers[0].error().code, base::Code::rate_limited);
  for (std::size_t i = 0; i <= kMaxAsksPerHost; ++i) ask(1, static_cast<std::uint8_t>(6 + i));
  EXPECT_EQ(desk.size(), kMaxAsksPerHost);
  ask(2, 5);
  EXPECT_EQ(desk.size(), kMaxAsksPerHost + 1) << "another host has its own";
  desk.host_gone(key(1));
  answers.clear();
  for (std::size_t i = 0; i < 4; ++i) ask(1, 5, std::string(43'000, 'a'));
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_EQ(answers[0].error().code, base::Code::rate_limited);
}

TEST_F(Asks, AtTheEndNobodyWaits) {
  ask(1, 5);
  desk.stop();
  ask(1, 5);
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_EQ(answers[1].error().code, base::Code::unreachable);
  EXPECT_EQ(desk.size(), 0u);
}

}  // namespace
}  // namespace obelisk::market_app
