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

TEST(Time, DurationsAsPeopleSayThem) {
  EXPECT_EQ(to_duration_text(4), "4 s");
  EXPECT_EQ(to_duration_text(2520), "42 min");
  EXPECT_EQ(to_duration_text(7500), "2 h 05 min");
  EXPECT_EQ(to_duration_text(187'200), "2 d 04 h");
  EXPECT_EQ(to_duration_text(-1), "0 s");
}

}  // namespace
}  // namespace obelisk::base
