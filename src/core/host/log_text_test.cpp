#include "core/host/log_text.hpp"

#include <gtest/gtest.h>

namespace obelisk::host {
namespace {

TEST(LogText, KeepsWhatMayBeShown) {
  EXPECT_EQ(log_text("").text, "");
  EXPECT_EQ(log_text("a\tb\nc\n").text, "a\tb\nc\n");
  EXPECT_EQ(log_text("gr\xc3\xbc\xc3\x9f \xe2\x96\x81 \xf0\x9f\x92\xa1").text,
            "gr\xc3\xbc\xc3\x9f \xe2\x96\x81 \xf0\x9f\x92\xa1");
  EXPECT_EQ(log_text("\x1b[31mred\r\n\x07\x7f\xc2\x9b").text, "[31mred\n");
  EXPECT_EQ(log_text("\xff\xc3(\xe0\x80\x80\xed\xa0\x80\xf5").text,
            "?"
            "?(???????");
  EXPECT_EQ(log_text(std::string("a\0b", 3)).text, "ab");
}

TEST(LogText, TheLastLinesThatFit) {
  std::string many;
  for (int i = 0; i < 20'000; ++i) many += "line " + std::to_string(i) + "\n";
  const LogText last = log_text(many);
  EXPECT_TRUE(last.truncated);
  EXPECT_LE(last.text.size(), kMaxLogBytes);
  EXPECT_TRUE(last.text.starts_with("line "));
  EXPECT_TRUE(last.text.ends_with("line 19999\n"));
  EXPECT_FALSE(log_text("one\n").truncated);
}

TEST(LogText, ALineThatIsTooLongIsCutInFront) {
  const LogText cut = log_text("begin" + std::string(100'000, 'x'));
  EXPECT_TRUE(cut.truncated);
  EXPECT_EQ(cut.text, std::string(kMaxLogBytes, 'x'));
  std::string wide;
  for (int i = 0; i < 40'000; ++i) wide += "\xe2\x96\x81";
  EXPECT_EQ(static_cast<unsigned char>(log_text(wide).text[0]), 0xe2u);
  const LogText feeds = log_text(std::string(30'000, '\n'));
  EXPECT_LE(feeds.text.size() * 6, kMaxLogJsonBytes);
  EXPECT_TRUE(feeds.truncated);
}

}  // namespace
}  // namespace obelisk::host
