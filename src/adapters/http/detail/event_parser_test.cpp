#include "adapters/http/detail/event_parser.hpp"

#include <gtest/gtest.h>

namespace obelisk::http {
namespace {

std::vector<Event> parse_in_pieces(std::string_view text, std::size_t piece) {
  EventParser parser;
  std::vector<Event> events;
  for (std::size_t at = 0; at < text.size(); at += piece) {
    const auto outcome = parser.feed(text.substr(at, piece), [&](const Event& event) {
      events.push_back(event);
      return true;
    });
    EXPECT_EQ(outcome, EventParser::Outcome::more);
  }
  return events;
}

TEST(EventParser, ReadsTheSameInAnyPieces) {
  const std::string text =
      "\xEF\xBB\xBF: hello\r\n\r\nid: 7\rdata: a\r\rid\ndata\n\nevent: x\ndata:b\ndata:  c\n\n"
      "event: unheard\n\nretry: 5\ndata: last\r\n\r\ndata: unfinished";
  for (const std::size_t piece : {1U, 2U, 3U, 1000U}) {
    const auto events = parse_in_pieces(text, piece);
    ASSERT_EQ(events.size(), 4U) << piece;
    EXPECT_EQ(events[0].id, "7");
    EXPECT_EQ(events[0].event, "message");
    EXPECT_EQ(events[0].data, "a");
    EXPECT_EQ(events[1].id, "");
    EXPECT_EQ(events[1].data, "");
    EXPECT_EQ(events[2].event, "x");
    EXPECT_EQ(events[2].data, "b\n c");
    EXPECT_EQ(events[3].data, "last");
  }
}

TEST(EventParser, KeepsTheLastId) {
  const auto events = parse_in_pieces("id: 1\ndata: a\n\ndata: b\n\n", 100);
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[1].id, "1");
}

TEST(EventParser, ReadsWhatIsFormatted) {
  const std::string text = format_event("9\n8", "up\rdate", "one\ntwo\r\nthree\rfour\n") +
                           format_event("", "", "") + format_event("10", "", "{}");
  const auto events = parse_in_pieces(text, 5);
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(events[0].id, "98");
  EXPECT_EQ(events[0].event, "update");
  EXPECT_EQ(events[0].data, "one\ntwo\nthree\nfour\n");
  EXPECT_EQ(events[1].data, "");
  EXPECT_EQ(events[1].id, "98");
  EXPECT_EQ(events[2].id, "10");
}

TEST(EventParser, StopsWhenToldAndWhenTooLarge) {
  EventParser parser(64);
  int seen = 0;
  const auto once = [&](const Event&) { return ++seen < 1; };
  EXPECT_EQ(parser.feed("data: a\n\ndata: b\n\n", once), EventParser::Outcome::stopped);
  EXPECT_EQ(seen, 1);
  EventParser small(64);
  const auto all = [](const Event&) { return true; };
  EXPECT_EQ(small.feed("data: " + std::string(100, 'x'), all), EventParser::Outcome::too_large);
  EventParser many(64);
  std::string lines;
  for (int i = 0; i < 40; ++i) lines += "data: xx\n";
  EXPECT_EQ(many.feed(lines, all), EventParser::Outcome::too_large);
}

}  // namespace
}  // namespace obelisk::http
