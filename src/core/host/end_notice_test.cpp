#include "core/host/end_notice.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace obelisk::host {
namespace {

using base::UnixSeconds;

// What is said when, looked at every second or so.
std::vector<std::pair<UnixSeconds, UnixSeconds>> said(UnixSeconds started, UnixSeconds ends,
                                                      UnixSeconds from, UnixSeconds step = 1) {
  std::vector<std::pair<UnixSeconds, UnixSeconds>> out;
  EndTold told;
  for (UnixSeconds now = from; now <= ends + 5; now += step) {
    const auto due = end_notice(started, ends, now, told);
    if (!due) continue;
    told = *due;
    out.emplace_back(ends - now, told.before_s);
  }
  return out;
}

TEST(EndNotice, ThreeTimesAndEachOnce) {
  using Said = std::vector<std::pair<UnixSeconds, UnixSeconds>>;
  EXPECT_EQ(said(0, 3600, 0), (Said{{600, 600}, {120, 120}, {30, 30}}));
  EXPECT_EQ(said(0, 3600, 3500), (Said{{100, 120}, {30, 30}})) << "of what was missed the last";
  EXPECT_EQ(said(0, 3600, 0, 50), (Said{{600, 600}, {100, 120}}));
}

TEST(EndNotice, OnlyWhatFitsIntoWhatWasBought) {
  using Said = std::vector<std::pair<UnixSeconds, UnixSeconds>>;
  EXPECT_EQ(said(0, 60, 0), (Said{{30, 30}}));
  EXPECT_EQ(said(0, 600, 0), (Said{{120, 120}, {30, 30}}));
}

TEST(EndNotice, AnExtendBeginsAnew) {
  EndTold told = *end_notice(0, 700, 690, {});
  EXPECT_EQ(told.before_s, 30);
  EXPECT_FALSE(end_notice(0, 4300, 690, told));
  told = *end_notice(0, 4300, 3700, told);
  EXPECT_EQ(told, (EndTold{4300, 600}));
  EXPECT_FALSE(end_notice(0, 4300, 4300, told)) << "it is over";
}

TEST(EndNotice, SaysWhenAndHowToKeepIt) {
  EXPECT_EQ(end_words("LEASE", 1'800'000'000, 1'799'999'880),
            "OBELISK: this machine and everything on it are destroyed in 2 min, at "
            "2027-01-15T08:00:00Z. To keep it longer, at home: obelisk extend LEASE --for 1h");
}

}  // namespace
}  // namespace obelisk::host
