#include "base/time.hpp"

#include <gtest/gtest.h>

namespace obelisk::base {
namespace {

TEST(Time, Rfc3339) {
  EXPECT_EQ(to_rfc3339(0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(to_rfc3339(1'795'348'800'123), "2026-11-22T12:00:00.123Z");
  EXPECT_EQ(to_rfc3339_seconds(951'782'400), "2000-02-29T00:00:00Z");
  EXPECT_EQ(to_rfc3339_seconds(-5), "1970-01-01T00:00:00Z");
  EXPECT_EQ(to_rfc3339_seconds(999'999'999'999), "9999-12-31T23:59:59Z");
}

TEST(Time, Rfc3339IsReadBack) {
  EXPECT_EQ(parse_rfc3339("2026-11-22T12:00:00.123Z"), 1'795'348'800'123);
  EXPECT_EQ(parse_rfc3339("2026-11-22T12:00:00Z"), 1'795'348'800'000);
  EXPECT_EQ(parse_rfc3339("2026-11-22T12:00:00.1Z"), 1'795'348'800'100);
  EXPECT_EQ(parse_rfc3339("2026-11-22T12:00:00.123456789Z"), 1'795'348'800'123);
  EXPECT_EQ(parse_rfc3339("2000-02-29T00:00:00Z"), 951'782'400'000);
  for (const char* text : {"", "Z", "2026-11-22", "2026-11-22T12:00:00", "2026-11-22 12:00:00Z",
                           "2026-13-01T00:00:00Z", "2025-02-29T00:00:00Z", "2026-11-22T24:00:00Z",
                           "2026-11-22T12:60:00Z", "2026-11-22T12:00:60Z", "2026-11-22T12:00:00.Z",
                           "2026-11-22T12:00:00.1xZ", "2026-11-22T12:00:00+01:00",
                           "2026-11-22T12:00:00,5Z", "-026-11-22T12:00:00Z"}) {
    EXPECT_FALSE(parse_rfc3339(text)) << text;
  }
}

TEST(Time, DurationsAsPeopleSayThem) {
  EXPECT_EQ(to_duration_text(4), "4 s");
  EXPECT_EQ(to_duration_text(2520), "42 min");
  EXPECT_EQ(to_duration_text(7500), "2 h 05 min");
  EXPECT_EQ(to_duration_text(187'200), "2 d 04 h");
  EXPECT_EQ(to_duration_text(-1), "0 s");
}

}  // namespace
}  // namespace obelisk::base
