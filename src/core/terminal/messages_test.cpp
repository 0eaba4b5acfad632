#include "core/terminal/messages.hpp"

#include <gtest/gtest.h>

#include "core/terminal/opening.hpp"
#include "core/terminal/small_json.hpp"

namespace obelisk::terminal {
namespace {

TEST(TerminalMessages, AreReadAsTheyWereWritten) {
  const Size size{120, 40};
  EXPECT_EQ(resize_message(size), R"({"type":"resize","columns":120,"rows":40})");
  EXPECT_EQ(read_resize(resize_message(size)), size);
  EXPECT_EQ(read_resize(" {\"rows\" : 40 ,\n\"type\":\"resize\",\"columns\":120, \"x\":true} "),
            size);
  const Begin begin{"0123456789abcdef", 18'446'744'073'709'551'615u, true, 12};
  EXPECT_EQ(to_message(begin),
            R"({"type":"begin","session":"0123456789abcdef",)"
            R"("offset":"18446744073709551615","is_new":true,"replay_bytes":12})");
  EXPECT_EQ(read_begin(to_message(begin)), begin);
  for (const End& end : {End{7, "", "It ended."}, End{{}, "not_found", "Gone.\n\"x\""}, End{}}) {
    EXPECT_EQ(read_end(to_message(end)), end);
  }
  EXPECT_EQ(to_message(End{0, "", ""}), R"({"type":"end","exit_code":0,"why":""})");
}

TEST(TerminalMessages, WhatIsNotUnderstoodIsNone) {
  for (const char* wrong :
       {"", "{}", "[]", "{\"type\":\"resize\"}", R"({"type":"resize","columns":0,"rows":1})",
        R"({"type":"resize","columns":1001,"rows":1})",
        R"({"type":"resize","columns":-5,"rows":1})",
        R"({"type":"resize","columns":80.5,"rows":1})",
        R"({"type":"resize","columns":"80","rows":1})",
        R"({"type":"resize","columns":80,"rows":24)",
        R"({"type":"resize","columns":80,"rows":24}x)",
        R"({"type":"resize","columns":080,"rows":24})",
        R"({"type":"resize","columns":1e2,"rows":1})",
        R"({"type":"resize","rows":24,"columns":80,"rows":25})",
        R"({"type":"size","columns":1,"rows":1})",
        R"({"type":"resize","columns":80,"rows":24,"x":{}})",
        R"({"type":"resize","columns":99999999999999999999,"rows":24})"}) {
    EXPECT_FALSE(read_resize(wrong)) << wrong;
  }
  const std::string long_one = R"({"type":"resize","columns":80,"rows":24,"x":")" +
                               std::string(kMaxMessageBytes, 'x') + "\"}";
  EXPECT_FALSE(read_resize(long_one));
  EXPECT_FALSE(
      read_begin(R"({"type":"begin","session":"0123456789ABCDEF","offset":"0","is_new":true})"));
  EXPECT_FALSE(
      read_begin(R"({"type":"begin","session":"0123456789abcdef","offset":"-1","is_new":true})"));
  EXPECT_FALSE(read_end(R"({"type":"end","exit_code":256,"why":""})"));
}

TEST(SmallJson, IsStrict) {
  EXPECT_EQ(read_texts(R"(["a\n\"\\\/\u0041\ud83d\ude00","ä",""])"),
            (std::vector<std::string>{"a\n\"\\/A\xf0\x9f\x98\x80", "ä", ""}));
  EXPECT_EQ(read_texts(" [ ] "), std::vector<std::string>{});
  for (const char* wrong :
       {"[", "]", "[,]", "[\"a\",]", "[\"a\"", "[1]", "[\"\\x\"]", "[\"\\u12\"]", "[\"\\ud800\"]",
        "[\"\\ud800\\u0041\"]", "[\"\\udc00\"]", "[\"\n\"]", "[\"\xff\"]", "[\"\xed\xa0\x80\"]",
        "[[\"a\"]]", "[\"a\"]]"}) {
    EXPECT_FALSE(read_texts(wrong)) << wrong;
  }
  EXPECT_EQ(write_texts({"a\"\\\x01", "\xff", "ä"}), "[\"a\\\"\\\\\\u0001\",\"?\",\"ä\"]");
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
           "term=" + std::string(41, 'x'), "command=%5B%5D", "command=W10", "command=WyIiXQ",
           "command=W1wiYVwiXQ==", "command=WyJhXHUwMDAwIl0", long_words}) {
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
