#include "core/host/idle_watch.hpp"

#include <gtest/gtest.h>

namespace obelisk::host {
namespace {

TEST(IdleWatch, SaysOnceThatItBeganAndOnceThatItIsOver) {
  IdleWatch watch;
  EXPECT_EQ(watch.look(599), std::nullopt);
  EXPECT_EQ(watch.look(600), true);
  EXPECT_EQ(watch.look(900), std::nullopt);
  EXPECT_EQ(watch.look(std::nullopt), std::nullopt) << "what is not known is no news";
  EXPECT_EQ(watch.look(0), false);
  EXPECT_EQ(watch.look(10), std::nullopt);
  EXPECT_EQ(watch.look(600), true);
}

}  // namespace
}  // namespace obelisk::host
