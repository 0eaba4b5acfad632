#include "apps/cli/text/sparkline.hpp"

#include <gtest/gtest.h>

namespace obelisk::cli {
namespace {

TEST(Sparkline, TheLeastIsLowestAndTheMostIsHighest) {
  EXPECT_EQ(sparkline({1, 2, 3, 4, 5, 6, 7, 8}, 60), "▁▂▃▄▅▆▇█");
  EXPECT_EQ(sparkline({700'000, 100'000, 400'000}, 60), "█▁▄");
  EXPECT_EQ(sparkline({5, 5}, 60), "▁▁");
  EXPECT_EQ(sparkline({0, UINT64_MAX}, 60), "▁█");
  EXPECT_EQ(sparkline({}, 60), "");
}

TEST(Sparkline, AGapIsSeen) {
  EXPECT_EQ(sparkline({1, std::nullopt, 8}, 60), "▁ █");
  EXPECT_EQ(sparkline({std::nullopt, std::nullopt}, 60), "  ");
}

TEST(Sparkline, ManyFiguresShareColumns) {
  EXPECT_EQ(sparkline({1, 1, 9, 5, 5, std::nullopt}, 2), "▁█");
  EXPECT_EQ(sparkline({1, 2, std::nullopt, std::nullopt, 9, 9}, 3), "▁ █");
}

}  // namespace
}  // namespace obelisk::cli
