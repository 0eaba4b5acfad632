#include "apps/cli/text/dial.hpp"

#include <gtest/gtest.h>

namespace obelisk::cli {
namespace {

TEST(Dial, SweepsFromPaidToTheMinute) {
  EXPECT_EQ(dial(0, 60'000), "[>                   ] 0 s of 60");
  EXPECT_EQ(dial(12'000, 60'000), "[====>               ] 12 s of 60");
  EXPECT_EQ(dial(12'999, 60'000), "[====>               ] 12 s of 60");
  EXPECT_EQ(dial(59'999, 60'000), "[===================>] 59 s of 60");
  EXPECT_EQ(dial(60'000, 60'000), "[====================] 60 s of 60");
}

TEST(Dial, GoesOnCountingWhenItIsFull) {
  EXPECT_EQ(dial(75'000, 60'000), "[====================] 75 s of 60");
}

TEST(Dial, AlwaysHasTheSameShape) {
  EXPECT_EQ(dial(-5, 60'000), "[>                   ] 0 s of 60");
  EXPECT_EQ(dial(5, 0).substr(0, 22), "[====================]");
  EXPECT_EQ(dial(INT64_MAX, INT64_MAX).substr(0, 22), "[====================]");
  EXPECT_EQ(dial(INT64_MAX / 2, INT64_MAX).substr(0, 22), "[==========>         ]");
}

TEST(Dial, ShowsBoughtTimeInWords) {
  EXPECT_EQ(time_dial(42 * 60, 3600), "[==============>     ] 42 min of 60 min");
  EXPECT_EQ(time_dial(0, 86'400), "[>                   ] 0 s of 1 d 00 h");
}

}  // namespace
}  // namespace obelisk::cli
