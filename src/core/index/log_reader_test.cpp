#include "core/index/log_reader.hpp"

#include <gtest/gtest.h>

#include "core/escrow/codec.hpp"

namespace obelisk::index {
namespace {

base::PublicKey key(std::uint8_t fill) {
  base::PublicKey out;
  out.bytes.fill(fill);
  return out;
}

std::string data(std::uint64_t to_host) {
  escrow::Event event{};
  event.magic = escrow::kEventMagic;
  event.tag = escrow::Tag::stop;
  event.to_host = to_host;
  return "Program data: " + base::to_base64(escrow::encode_event(event));
}

const std::string ours = "Program " + key(9).to_string();
const std::string theirs = "Program " + key(8).to_string();

TEST(EventLog, TakesOurProgramsLinesAlone) {
  const auto events = events_in({theirs + " invoke [1]", data(1), ours + " invoke [2]", data(2),
                                 ours + " success", data(3), theirs + " success", data(4)},
                                key(9));
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].to_host, 2u);
}

TEST(EventLog, IsNotFooledByWhatAProgramSays) {
  const auto events = events_in({theirs + " invoke [1]", "Program log: " + ours + " invoke [1]",
                                 "Program log: " + data(1), data(2), theirs + " success"},
                                key(9));
  EXPECT_TRUE(events.empty());
}

TEST(EventLog, SeesCallsInsideCallsAndAfterFailures) {
  const auto events =
      events_in({ours + " invoke [1]", theirs + " invoke [2]", data(1), theirs + " failed: x",
                 data(2), ours + " consumed 5 of 9 compute units", ours + " success",
                 ours + " invoke [1]", data(3), ours + " success"},
                key(9));
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].to_host, 2u);
  EXPECT_EQ(events[1].to_host, 3u);
}

TEST(EventLog, DropsWhatIsNoEvent) {
  EXPECT_TRUE(events_in({ours + " invoke [1]", "Program data: !!!!",
                         "Program data: ", "Program data: AAAA", "Program return: x"},
                        key(9))
                  .empty());
  EXPECT_TRUE(events_in({"Program", "Program ", ours, data(1)}, key(9)).empty());
}

}  // namespace
}  // namespace obelisk::index
