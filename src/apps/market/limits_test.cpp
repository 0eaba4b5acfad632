#include "apps/market/limits.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <fstream>
#include <sstream>

namespace obelisk::market_app {
namespace {

TEST(Limits, AreNamedAndBounded) {
  const auto usual = limits_from("");
  ASSERT_TRUE(usual);
  EXPECT_EQ(*usual, Limits{});
  for (const Limit& limit : limits_known()) {
    EXPECT_GE((*usual).*limit.value, limit.least) << limit.name;
    EXPECT_LE((*usual).*limit.value, limit.most) << limit.name;
    const auto least = limits_from(std::string(limit.name) + "=" + std::to_string(limit.least));
    ASSERT_TRUE(least) << limit.name;
    EXPECT_EQ((*least).*limit.value, limit.least);
    const auto above = limits_from(std::string(limit.name) + "=" + std::to_string(limit.most + 1));
    ASSERT_FALSE(above) << limit.name;
    EXPECT_EQ(above.error().code, base::Code::usage);
  }
  EXPECT_EQ(limits_from(" hosts=20000  reads_per_s=0 ")->hosts, 20'000u);
  for (const char* wrong :
       {"host=1", "hosts", "hosts=", "hosts=-1", "hosts=1e3", "=1", "hosts=0"}) {
    EXPECT_FALSE(limits_from(wrong)) << wrong;
  }
}

// A limit that people cannot look up is one that they only meet.
TEST(Limits, AreInTheirDocument) {
  std::ifstream file("docs/limits.md");
  ASSERT_TRUE(file);
  std::ostringstream text;
  text << file.rdbuf();
  for (const Limit& limit : limits_known()) {
    const std::string row =
        "| `" + std::string(limit.name) + "` | " + std::to_string(Limits{}.*limit.value) + " | " +
        std::to_string(limit.least) + " to " + std::to_string(limit.most) + " |";
    EXPECT_NE(text.str().find(row), std::string::npos) << row;
  }
}

TEST(Limits, OpenFilesAreRaisedOrSaidToBeMissing) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  ASSERT_GT(before.rlim_max, 300u);
  rlimit low = before;
  low.rlim_cur = 200;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
  EXPECT_TRUE(allow_open_files(300));
  rlimit now{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &now), 0);
  EXPECT_GE(now.rlim_cur, 300u);
  // More than any system has.
  const auto refused = allow_open_files(std::uint64_t{1} << 50);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::Code::missing_dependency);
  EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_GT(open_files_for(Limits{}), Limits{}.hosts + Limits{}.connections);
}

}  // namespace
}  // namespace obelisk::market_app
