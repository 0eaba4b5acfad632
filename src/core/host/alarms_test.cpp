#include "core/host/alarms.hpp"

#include <gtest/gtest.h>

namespace obelisk::host {
namespace {

Watched disk(std::uint64_t percent) {
  Watched out;
  out.disk_bytes = 1'000'000'000;
  out.disk_used_bytes = percent * 10'000'001;
  return out;
}

TEST(Alarms, ADiskIsFullOnceAndHasRoomOnce) {
  Alarms alarms;
  EXPECT_TRUE(alarms.look(disk(94)).empty());
  const auto full = alarms.look(disk(96));
  ASSERT_EQ(full.size(), 1u);
  EXPECT_EQ(full[0], (Alarm{"disk_full", "", "Its disk is 96 % full.", false}));
  EXPECT_TRUE(alarms.look(disk(99)).empty());
  EXPECT_TRUE(alarms.look(disk(91)).empty()) << "not yet enough room";
  EXPECT_TRUE(alarms.look(disk(96)).empty());
  EXPECT_EQ(alarms.look(disk(89)),
            (std::vector{Alarm{"disk_full", "", "Its disk has room again.", true}}));
  EXPECT_EQ(alarms.look(disk(96)).size(), 1u);
  EXPECT_TRUE(alarms.look({}).empty()) << "what is not known is no news";
}

TEST(Alarms, KilledProcessesAreCounted) {
  Alarms alarms;
  Watched now;
  now.oom_kills = 7;
  EXPECT_TRUE(alarms.look(now).empty()) << "they were before us";
  now.oom_kills = 8;
  ASSERT_EQ(alarms.look(now).size(), 1u);
  now.oom_kills = 11;
  EXPECT_EQ(alarms.look(now)[0].text, "3 processes were killed: the lease's memory was used up.");
  now.oom_kills = 0;  // it was started again
  EXPECT_TRUE(alarms.look(now).empty());
  now.oom_kills = 1;
  EXPECT_EQ(alarms.look(now)[0].text, "One process was killed: the lease's memory was used up.");
}

TEST(Alarms, IdleIsSaidOnceForEachTime) {
  Alarms alarms;
  Watched now;
  now.idle_s = 599;
  EXPECT_TRUE(alarms.look(now).empty());
  now.idle_s = 600;
  EXPECT_EQ(alarms.look(now)[0].kind, "idle");
  now.idle_s = 900;
  EXPECT_TRUE(alarms.look(now).empty());
  EXPECT_TRUE(alarms.look({}).empty());
  now.idle_s = 0;
  EXPECT_TRUE(alarms.look(now)[0].over);
  EXPECT_TRUE(alarms.look(now).empty());
}

}  // namespace
}  // namespace obelisk::host
