#include "core/terminal/messages.hpp"

#include <gtest/gtest.h>

#include "core/terminal/opening.hpp"

namespace obelisk::terminal {
namespace {

TEST(TerminalMessages, AreReadAsTheyWereWritten) {
  const Size size{120, 40};
  EXPECT_EQ(resize_message(size), R"({"columns":120,"rows":40,"type":"resize"})");
  EXPECT_EQ(read_resize(resize_message(size)), size);
  const Begin begin{"0123456789abcdef", 18'446'744'073'709'551'615u, true, 12};
  EXPECT_EQ(to_message(begin),
            R"({"is_new":true,"offset":"18446744073709551615","replay_bytes":12,)"
            R"("session":"0123456789abcdef","type":"begin"})");
  EXPECT_EQ(read_begin(to_message(begin)), begin);
  for (const End& end : {End{7, "", "It ended."}, End{{}, "not_found", "Gone: \"x\\y\""}, End{}}) {
    EXPECT_EQ(read_end(to_message(end)), end);
  }
  EXPECT_EQ(to_message(End{0, "", ""}), R"({"exit_code":0,"type":"end","why":""})");
}

TEST(TerminalMessages, WordsForPeopleAlwaysArrive) {
  const auto odd = read_end(to_message(End{{}, "", "No program \xc3\xa4\n\xff."}));
  ASSERT_TRUE(odd);
  EXPECT_EQ(odd->why, "No program ????.");
  const auto cut = read_end(to_message(End{{}, "", std::string(2'000, 'w')}));
  ASSERT_TRUE(cut);
  EXPECT_EQ(cut->why.size(), kMaxWhyBytes);
}

TEST(TerminalMessages, WhatIsNotUnderstoodIsNone) {
  for (const char* wrong :
       {"", "{}", "[]", R"({"type":"resize"})", R"({"columns":0,"rows":1,"type":"resize"})",
        R"({"columns":1001,"rows":1,"type":"resize"})",
        R"({"columns":-5,"rows":1,"type":"resize"})",
        R"({"columns":80.5,"rows":1,"type":"resize"})",
        R"({"columns":"80","rows":1,"type":"resize"})",
        R"({"columns":80,"rows":24,"type":"resize")",
        R"({"columns":80,"rows":24,"type":"resize"}x)",
        R"({"columns":080,"rows":24,"type":"resize"})",
        R"({"columns":80,"rows":24,"rows":25,"type":"resize"})",
        R"({"columns":1,"rows":1,"type":"size"})",
        R"({"columns":99999999999999999999,"rows":24,"type":"resize"})"}) {
    EXPECT_FALSE(read_resize(wrong)) << wrong;
  }
  const auto begin = to_message(Begin{"0123456789abcdef", 0, true, 0});
  ASSERT_TRUE(read_begin(begin));
  auto other = begin;
  other.replace(other.find("abcdef"), 6, "ABCDEF");
  EXPECT_FALSE(read_begin(other));
  other = begin;
  other.replace(other.find("\"0\""), 3, "\"-1\"");
  EXPECT_FALSE(read_begin(other));
  EXPECT_FALSE(read_end(R"({"exit_code":256,"type":"end","why":""})"));
}

TEST(TerminalOpening, SaysEverythingInAQuery) {
  Opening opening;
  opening.size = {200, 50};
  opening.words = {"sh", "-c", "echo ä?&=/+ | cat"};
  const auto query = opening_query(opening);
  ASSERT_TRUE(query);
  EXPECT_EQ(query->find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                     "0123456789-_=&"),
            std::string::npos)
      << *query;
  EXPECT_EQ(*read_opening(*query), opening);
  opening.words = {"printf", "", "x", ""};
  EXPECT_EQ(*read_opening(*opening_query(opening)), opening) << "arguments may be empty";
  opening.words.clear();
  opening.session = "0123456789abcdef";
  opening.from = 1ULL << 60;
  EXPECT_EQ(*read_opening(*opening_query(opening)), opening);
  EXPECT_EQ(*read_opening(""), Opening());
  EXPECT_EQ(*read_opening("pass=x&&columns=80&odd"), Opening()) << "others' words";
}

TEST(TerminalOpening, RefusesWhatIsOutOfBounds) {
  const std::string long_words = "command=" + std::string(kMaxCommandBytes + 1, 'A');
  for (const std::string& wrong : std::vector<std::string>{
           "session=0123", "session=0123456789ABCDEF", "columns=0", "columns=1001", "rows=-1",
           "rows=x", "columns=80x", "from=-1", "from=18446744073709551616", "term=", "term=a%20b",
           "term=" + std::string(41, 'x'), "command=%61", "command=AA", "command=AGE",
           "command=YQ==", long_words}) {
    EXPECT_FALSE(read_opening(wrong)) << wrong;
  }
  Opening opening;
  opening.words = {std::string(kMaxCommandBytes, 'x')};
  EXPECT_FALSE(opening_query(opening));
  opening.words = {""};
  EXPECT_FALSE(opening_query(opening));
}

}  // namespace
}  // namespace obelisk::terminal
