#include "core/tunnel/web_answer.hpp"

#include <gtest/gtest.h>

#include "core/tunnel/pass.hpp"

namespace obelisk::tunnel {
namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(WebAnswer, SaysWhatHappenedAndWhatToDo) {
  const DoorName door{{}, 8888};
  const auto none = trouble_answer(Trouble::no_pass, door);
  EXPECT_TRUE(none.starts_with("HTTP/1.1 401 Unauthorized\r\n"));
  EXPECT_TRUE(has(none, "\r\nConnection: close\r\n"));
  EXPECT_TRUE(has(none, "\r\nObelisk-Gateway: no_pass\r\n"));
  EXPECT_TRUE(has(none, "obelisk open 11111111111111111111111111111111 8888\n"));
  EXPECT_TRUE(has(trouble_answer(Trouble::bad_pass, door, "This pass is over."),
                  "\r\n\r\nThis pass is over.\n"));
  EXPECT_TRUE(has(trouble_answer(Trouble::not_listening, door), "on port 8888"));
  EXPECT_FALSE(has(trouble_answer(Trouble::no_pass, DoorName{{}, kTerminal}), "obelisk open"));
}

TEST(WebAnswer, EachIsWhole) {
  for (int i = 0; i <= static_cast<int>(Trouble::host_away); ++i) {
    const auto answer = trouble_answer(static_cast<Trouble>(i));
    const auto body = answer.find("\r\n\r\n") + 4;
    EXPECT_TRUE(has(answer, "Content-Length: " + std::to_string(answer.size() - body) + "\r\n"));
    EXPECT_FALSE(has(answer, " 500 ")) << i;
  }
}

TEST(WebAnswer, ARedirectSetsTheCookieAndIsNotKept) {
  const auto answer = redirect_answer({"/lab?a=1", "c=d; Path=/"});
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 303 See Other\r\n"));
  for (const std::string line : {"Location: /lab?a=1", "Set-Cookie: c=d; Path=/",
                                 "Cache-Control: no-store", "Referrer-Policy: no-referrer"}) {
    EXPECT_TRUE(has(answer, "\r\n" + line + "\r\n")) << line;
  }
}

}  // namespace
}  // namespace obelisk::tunnel
