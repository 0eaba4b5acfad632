#include "core/terminal/backlog.hpp"

#include <gtest/gtest.h>

#include <random>

namespace obelisk::terminal {
namespace {

// What comes after the clearing of the screen.
std::string drawn(const Backlog& backlog) {
  const std::string all = backlog.for_fresh_screen();
  const auto cleared = all.find("\x1b[2J");
  EXPECT_NE(cleared, std::string::npos);
  EXPECT_EQ(all.front(), '\x18') << "whatever was under way at that screen is over";
  return all.substr(cleared + 4);
}

TEST(Backlog, GivesExactlyWhatIsMissing) {
  Backlog backlog(10);
  EXPECT_TRUE(backlog.has(0));
  EXPECT_EQ(backlog.from(0, 100), "");
  backlog.append("0123");
  backlog.append("4567");
  EXPECT_EQ(backlog.from(0, 100), "01234567");
  EXPECT_EQ(backlog.from(6, 1), "6");
  backlog.append("89ab");
  EXPECT_EQ(backlog.begin(), 2u);
  EXPECT_EQ(backlog.end(), 12u);
  EXPECT_FALSE(backlog.has(1)) << "that one is gone";
  EXPECT_FALSE(backlog.has(13)) << "that one is still to come";
  EXPECT_EQ(backlog.from(2, 100), "23456789ab");
  EXPECT_EQ(backlog.from(12, 100), "");
  backlog.append("a text longer than all of it");
  EXPECT_EQ(backlog.from(backlog.begin(), 100), " all of it");
}

TEST(Backlog, IsTheEndOfEverythingHoweverItCame) {
  std::mt19937 random(7);
  Backlog backlog(1000);
  std::string all;
  for (int i = 0; i < 5000; ++i) {
    std::string piece(random() % 300, '\0');
    for (char& c : piece) c = static_cast<char>('a' + random() % 26);
    all += piece;
    backlog.append(piece);
    ASSERT_EQ(backlog.end(), all.size());
    ASSERT_EQ(backlog.from(backlog.begin(), 5000),
              all.substr(all.size() - std::min<std::size_t>(all.size(), 1000)));
  }
}

TEST(Backlog, AFreshScreenBeginsAtAWholeSequence) {
  Backlog backlog(6);
  backlog.append("old\x1b[1;31mnew");
  EXPECT_EQ(backlog.from(backlog.begin(), 6), "31mnew");
  EXPECT_EQ(drawn(backlog), "\x1b[1;31mnew");
  Backlog characters(4);
  characters.append(
      "\xe2\x9c\x9c"
      "abc");
  EXPECT_EQ(drawn(characters),
            "\xe2\x9c\x9c"
            "abc");
  Backlog unfinished(100);
  unfinished.append("a\x1b[6n\x1b[3");
  EXPECT_EQ(drawn(unfinished), "a\x1b[3") << "its rest is still to come";
}

TEST(Backlog, AFreshScreenHasTheModesOfWhatIsGone) {
  Backlog backlog(8);
  backlog.append("\x1b[?1049h\x1b[?2004h");
  backlog.append("12345678");
  EXPECT_EQ(drawn(backlog), "\x1b[?1049h\x1b[?2004h12345678");
  backlog.append("\x1b[?1049l");
  EXPECT_EQ(drawn(backlog), "\x1b[?1049h\x1b[?2004h\x1b[?1049l");
  backlog.append("abcdefgh");
  EXPECT_EQ(drawn(backlog), "\x1b[?2004habcdefgh");
}

}  // namespace
}  // namespace obelisk::terminal
