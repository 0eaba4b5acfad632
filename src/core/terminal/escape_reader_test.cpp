#include "core/terminal/escape_reader.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace obelisk::terminal {
namespace {

using namespace std::string_literals;

std::string said_again(const std::string& bytes) {
  EscapeReader reader;
  std::string out;
  reader.read(bytes, &out);
  return out;
}

TEST(EscapeReader, DrawingIsSaidAgainByteByByte) {
  for (const std::string& drawing : std::vector<std::string>{
           "plain text\r\n\ttabs\b and bells\a", "grün, 日本, 😀", "\x1b[1;31mred\x1b[0m",
           "\x1b[2J\x1b[H", "\x1b[?1049h\x1b[?25l", "\x1b[38:2::1:2:3m", "\x1b]8;;http://x\x1b\\l",
           "\x1b(0lqk\x1b(B", "\x1b[5;20r", "\x1b[!p", "\x1b[2 q",
           "\x1b"
           "7\x1b"
           "8\x1b"
           "c",
           "\x1b[>4;1m", "\x1b[22;0t\x1b[23;0t", "\x1bPq#0;2;0;0;0#0!9~\x1b\\", "\x1b#8"}) {
    EXPECT_EQ(said_again(drawing), drawing);
  }
  EXPECT_EQ(said_again("\x1b]0;title\a"), "\x1b]0;title\x1b\\");
  EXPECT_EQ(said_again("\x1b]11;#102030\a."), "\x1b]11;#102030\x1b\\.");
}

// Each is a question, or reaches for something beside the screen.
TEST(EscapeReader, QuestionsAreLeftOut) {
  for (const std::string& question : std::vector<std::string>{"\x05",
                                                              "\x1bZ",
                                                              "\x1b[c",
                                                              "\x1b[0c",
                                                              "\x1b[>c",
                                                              "\x1b[=c",
                                                              "\x1b[5n",
                                                              "\x1b[6n",
                                                              "\x1b[?6n",
                                                              "\x1b[?996n",
                                                              "\x1b[x",
                                                              "\x1b[1x",
                                                              "\x1b[?2026$p",
                                                              "\x1b[4$p",
                                                              "\x1b[>q",
                                                              "\x1b[>0q",
                                                              "\x1b[14t",
                                                              "\x1b[18t",
                                                              "\x1b[21t",
                                                              "\x1b[8;5;5t",
                                                              "\x1b[?u",
                                                              "\x1b[1;1;*y",
                                                              "\x1b[1$w",
                                                              "\x1b[?1;1S",
                                                              "\x1b[?4m",
                                                              "\x1b[?2048h",
                                                              "\x1b[?25;2031h",
                                                              "\x1b[1$u",
                                                              "\x1b[i",
                                                              "\x1b[5i",
                                                              "\x1b['|",
                                                              "\x1b[#|",
                                                              "\x1b[#R",
                                                              "\x1b[1+p",
                                                              "\x1bP$qm\x1b\\",
                                                              "\x1bP+q544e\x1b\\",
                                                              "\x1b]10;?\a",
                                                              "\x1b]11;?\x1b\\",
                                                              "\x1b]4;1;?\x1b\\",
                                                              "\x1b]52;c;?\a",
                                                              "\x1b]52;c;YQ==\a",
                                                              "\x1b]21;fg=?\a",
                                                              "\x1b]1337;ReportCellSize\a",
                                                              "\x1b]9;ring\a",
                                                              "\x1b]777;notify;a;b\a",
                                                              "\x1b_Gi=1,a=q;AAAA\x1b\\",
                                                              "\x1b^private\x1b\\",
                                                              "\x1bXtext\x1b\\"}) {
    EXPECT_EQ(said_again("a" + question + "b"), "ab") << question.substr(1);
  }
}

TEST(EscapeReader, NothingJoinsAroundWhatIsLeftOut) {
  // The first ESC was given up by the second.
  EXPECT_EQ(said_again("\x1b\x1b[6n[6n"), "[6n");
  EXPECT_EQ(said_again("\x1b[\x05"
                       "6n."),
            ".");
  EXPECT_EQ(said_again("\x1b[6\x1b[6nn"), "n");
  EXPECT_EQ(said_again("\x1b]52;c;?\x1b[6n."), ".");
  EXPECT_EQ(said_again("\x1b[6\x18n"), "n");
  EXPECT_EQ(said_again("\x1b[\r6n|"), "\r|") << "a control amid a sequence is obeyed";
  // Controls of eight bits, in UTF-8 and bare.
  EXPECT_EQ(said_again("\xc2\x9b"
                       "6n."),
            ".");
  EXPECT_EQ(said_again("\xc2\x9b"
                       "1m."),
            "\x1b[1m.");
  EXPECT_EQ(said_again("\xc2\x9d"
                       "52;c;?\xc2\x9c."),
            ".");
  EXPECT_EQ(said_again("\x9b"
                       "6n"),
            "6n")
      << "no character in UTF-8: a terminal drops it";
  EXPECT_EQ(said_again("\xe2\x1b[6n\x9c\x9c|"), "|") << "half a character";
  EXPECT_EQ(said_again("\xed\xa0\x80\xf4\x90\x80\x80\xc0\xaf|"), "|");
  EXPECT_EQ(said_again("\x1b]0;\xe2\x9c\x9c\a"), "\x1b]0;\xe2\x9c\x9c\x1b\\") << "no end in it";
}

TEST(EscapeReader, CutAnywhereItIsTheSame) {
  const std::string all = "a\x1b[1;31m\xe2\x9c\x9c\x1b]0;t\xc3\xa4\x1b\\\x1bP$qm\x1b\\\x1b[6nz";
  const std::string whole = said_again(all);
  for (std::size_t cut = 0; cut <= all.size(); ++cut) {
    EscapeReader reader;
    std::string out;
    reader.read(all.substr(0, cut), &out);
    const std::string unfinished = reader.unfinished();
    EXPECT_TRUE(all.substr(0, cut).ends_with(unfinished)) << cut;
    reader.read(all.substr(cut), &out);
    EXPECT_EQ(out, whole) << cut;
    EXPECT_EQ(reader.unfinished(), "");
  }
}

TEST(EscapeReader, ASequenceWithoutAnEndIsBounded) {
  EscapeReader reader;
  std::string out;
  reader.read("\x1b]0;", &out);
  for (int i = 0; i < 100; ++i) reader.read(std::string(10'000, 'x'), &out);
  EXPECT_EQ(out, "");
  EXPECT_EQ(reader.unfinished(), "\x1b]") << "what follows is still no text";
  reader.read("\a.", &out);
  EXPECT_EQ(out, ".");
  reader.read("\x1b]0;short\a", &out);
  EXPECT_EQ(out, ".\x1b]0;short\x1b\\");
}

TEST(EscapeReader, KnowsTheModesThatAreSet) {
  EscapeReader reader;
  reader.read("\x1b[?1049;25h\x1b[?25l\x1b[?2004h\x1b[?1h\x1b=\x1b(0", nullptr);
  EXPECT_EQ(reader.modes(), "\x1b[?1h\x1b[?25l\x1b[?1049h\x1b[?2004h\x1b=\x1b(0");
  reader.read("\x1b[?1049l\x1b[?25h\x1b[?2004l\x1b[?1l\x1b>\x1b(B", nullptr);
  EXPECT_EQ(reader.modes(), "");
  reader.read("\x1b[?1000h\x1b[?7l", nullptr);
  EXPECT_EQ(reader.modes(), "\x1b[?7l\x1b[?1000h");
  reader.read(
      "\x1b"
      "c",
      nullptr);
  EXPECT_EQ(reader.modes(), "");
}

}  // namespace
}  // namespace obelisk::terminal
