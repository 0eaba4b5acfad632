#include "apps/host/bandwidth/way.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace obelisk::host {
namespace {

class WayFile : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "/obelisk-way-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    state = name;
  }
  void TearDown() override { std::filesystem::remove_all(state); }
  std::filesystem::path state;
};

TEST(BitsPerS, IsWhatCameInThatTime) {
  EXPECT_EQ(bits_per_s(1'000'000, 1'000'000), 8'000'000U);
  EXPECT_EQ(bits_per_s(1 << 20, 0), bits_per_s(1 << 20, 1'000)) << "no clock is that good";
  EXPECT_EQ(bits_per_s(1 << 20, -5), bits_per_s(1 << 20, 1'000));
  EXPECT_EQ(bits_per_s(UINT64_MAX, 1), 1'000'000'000'000'000U) << "what a listing may say";
  EXPECT_EQ(mbps_text(812'300'000), "812 Mbps");
  EXPECT_EQ(mbps_text(9'960'000), "10 Mbps");
  EXPECT_EQ(mbps_text(440'000), "0.4 Mbps");
}

TEST_F(WayFile, IsKeptForItsMarketAlone) {
  EXPECT_FALSE(kept_way(state, "http://m"));
  const Way way{812'000'000, 94'000'000, 1'795'000'000'000, "http://m"};
  ASSERT_TRUE(keep_way(state, way).ok());
  EXPECT_EQ(kept_way(state, "http://m"), way);
  EXPECT_FALSE(kept_way(state, "http://other"));
  for (const char* wrong : {"http://m\n1\n2", "http://m\n1\n2\n-3\n", "http://m\nx\n2\n3\n",
                            "http://m\n1\n1000000000000001\n3\n", ""}) {
    std::ofstream(state / "bandwidth") << wrong;
    EXPECT_FALSE(kept_way(state, "http://m")) << wrong;
  }
}

TEST(JudgeWay, NoFigureIsMadeUp) {
  const Finding none = judge_way({}, "Another host measures its way here just now.");
  EXPECT_EQ(none.level, Level::warning);
  EXPECT_NE(none.text.find("Another host"), std::string::npos);
  api::Listing listing;
  add_way(listing, {});
  EXPECT_FALSE(listing.download_bits_per_s || listing.upload_bits_per_s);
  const Way slow{99'000'000, 5'000'000, 0, "m"};
  EXPECT_EQ(judge_way(slow, "").level, Level::warning);
  add_way(listing, slow);
  EXPECT_EQ(listing.upload_bits_per_s, 5'000'000U);
  EXPECT_EQ(judge_way(Way{100'000'000, 1, 0, "m"}, "").level, Level::ok);
}

}  // namespace
}  // namespace obelisk::host
