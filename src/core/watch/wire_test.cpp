#include "core/watch/wire.hpp"

#include <gtest/gtest.h>

#include "core/market/terms.hpp"
#include "core/watch/testing.hpp"

namespace obelisk::watch {
namespace {

using market::testing::key;
using testing::Example;

std::vector<Ask> asks() {
  const Example example;
  const QuoteWords quote{example.text, example.signature, "AMD \"EPYC\" \\ 7763"};
  return {AskKeys{},
          AskQuote{example.text},
          AskReady{{1, 2, 3}, quote},
          AskDark{base::Bytes(1232, 7)},
          AskAttestation{key(1), {key(2), key(3), ~0ull, 1'795'000'000}},
          AskSettlement{{}},
          AskLogin{quote, example.ssh(), true}};
}

TEST(Wire, AsksComeBackAsTheyWere) {
  for (const Ask& ask : asks()) {
    const std::string line = to_line(ask);
    EXPECT_LT(line.size(), kMostLineBytes);
    EXPECT_EQ(line.find('\n'), std::string::npos);
    const auto back = ask_from(line);
    ASSERT_TRUE(back.ok()) << line << back.error().message;
    EXPECT_EQ(*back, ask) << line;
  }
}

TEST(Wire, AnswersComeBackAsTheyWere) {
  const auto back = [](const Answer& answer) { return *answer_from(to_line(answer)); };
  const Keys keys{{key(1), key(2)}, "ssh-ed25519 AAAA obelisk-watch"};
  EXPECT_EQ(std::get<Keys>(back(keys)), keys);
  base::Signature signature;
  signature.bytes.fill(9);
  EXPECT_EQ(std::get<base::Signature>(back(signature)), signature);
  const LoginAnswer login{false, lease::LoginProblem::wrong_card, "no\nsuch card", "a/1", 77};
  const auto said = std::get<LoginAnswer>(back(login));
  EXPECT_EQ(said.problem, login.problem);
  EXPECT_EQ(said.why, "no?such card") << "words of strangers stay one line";
  EXPECT_EQ(said.boot_mark, "a/1");
  EXPECT_EQ(said.alive_at_s, 77);
  const auto error = std::get<base::Error>(
      back(base::Error{base::Code::refused, std::string(900, 'x'), "Wait.", 0}));
  EXPECT_EQ(error.code, base::Code::refused);
  EXPECT_EQ(error.message.size(), 400u);
}

TEST(Wire, WhatIsNotExactlyOneIsNone) {
  for (const Ask& ask : asks()) {
    const std::string line = to_line(ask);
    for (std::size_t i = 0; i < line.size(); i += 7) EXPECT_FALSE(ask_from(line.substr(0, i)));
    EXPECT_FALSE(ask_from(line + " "));
    EXPECT_FALSE(ask_from(line + line));
  }
  for (const char* line : {"", "{}", "{\"sign\":{\"message\":\"AAAA\"}}", "{\"dark\":{}}",
                           "{\"dark\":{\"message\":1}}", "{\"dark\":{\"message\":\"A\"}}",
                           "{\"dark\":{\"message\":\"\",\"more\":1}}", "{ \"keys\":{}}",
                           "{\"keys\":{},\"keys\":{}}", "[]", "\"dark\""}) {
    EXPECT_FALSE(ask_from(line)) << line;
  }
  EXPECT_FALSE(ask_from(to_line(Ask(AskDark{base::Bytes(2000, 7)})))) << "longer than a packet";
  EXPECT_FALSE(ask_from(to_line(Ask(AskQuote{std::string(market::kMaxTermsBytes + 2, 'x')}))));
}

}  // namespace
}  // namespace obelisk::watch
