#include "apps/cli/text/table.hpp"

#include <gtest/gtest.h>

namespace obelisk::cli {
namespace {

using Lines = std::vector<std::string>;

TEST(Table, StandsWithoutBoxesAndNumbersOnTheirPoint) {
  Table table({{"CARD", Align::left}, {"FREE", Align::right}, {"USD/h", Align::decimal}, {"", {}}});
  table.add({"a40", "2", "0.88", ""});
  table.add({"rtx-4090", "11", "1.385", "simulated"});
  table.add({"h100-sxm", "0", "on demand", ""});
  EXPECT_EQ(table.lines(), (Lines{
                               "CARD      FREE          USD/h",
                               "a40          2          0.88",
                               "rtx-4090    11          1.385  simulated",
                               "h100-sxm     0  on demand",
                           }));
}

TEST(Table, LinesUpWholeAndBrokenNumbers) {
  Table table({{"", Align::left}, {"SOL", Align::decimal}});
  table.add({"card", "0.009857"});
  table.add({"disk", "0"});
  table.add({"total", "12.34"});
  EXPECT_EQ(table.lines(), (Lines{
                               "             SOL",
                               "card    0.009857",
                               "disk    0",
                               "total  12.34",
                           }));
}

TEST(Table, CountsCharactersNotBytes) {
  Table table({{"NAME", Align::left}, {"N", Align::right}});
  table.add({"Zürich", "1"});
  table.add({"Boston", "2"});
  EXPECT_EQ(table.lines()[1], "Zürich  1");
  EXPECT_EQ(table.lines()[2], "Boston  2");
}

TEST(Printable, DropsWhatMovesACursorOrTurnsTheLineAround) {
  EXPECT_EQ(printable("a\033[2Jb"), "a[2Jb");
  EXPECT_EQ(printable("a\nb\tc\rd"), "a b cd");
  EXPECT_EQ(printable("a\u009b2Jb"), "a2Jb");
  EXPECT_EQ(printable("pay\u202Eyap"), "payyap");
  EXPECT_EQ(printable("\u2066x\u2069\u200F"), "x");
  EXPECT_EQ(printable("ü€𝄞"), "ü€𝄞");
}

TEST(Printable, ReplacesWhatIsNotUtf8) {
  EXPECT_EQ(printable("a\xff"), "a?");
  EXPECT_EQ(printable("\xc3"), "?");
  EXPECT_EQ(printable("\xc0\x80"), "??");
  EXPECT_EQ(printable("\xed\xa0\x80"), "???");
  EXPECT_EQ(printable("\xf4\x90\x80\x80"), "????");
}

TEST(Fitted, CutsBetweenCharacters) {
  EXPECT_EQ(fitted("abc", 5), "abc");
  EXPECT_EQ(fitted("abc", 2), "ab");
  EXPECT_EQ(fitted("a€𝄞b", 3), "a€𝄞");
  EXPECT_EQ(fitted("abc", 0), "");
}

TEST(Pairs, PutValuesUnderOneAnother) {
  EXPECT_EQ(pairs({{"a", "1"}, {"long name", "2"}}), (Lines{"a          1", "long name  2"}));
}

}  // namespace
}  // namespace obelisk::cli
