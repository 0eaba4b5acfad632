#include "apps/market/read_cache.hpp"

#include <gtest/gtest.h>

#include "apps/market/testing.hpp"

namespace obelisk::market_app {
namespace {

http::Response saying(const std::string& body, int status = 200) {
  http::Response out;
  out.status = status;
  out.body = body;
  return out;
}

class Cache : public ::testing::Test {
 protected:
  std::string shown(std::uint64_t version, const std::string& target = "/v1/offers") {
    const auto found = reads.find(target, version);
    return found.answer == nullptr ? "" : std::string(found.answer->whole());
  }
  testing::TestClock clock;
  ReadCache reads{clock};
};

TEST_F(Cache, ShowsAnAnswerWhileItIsTrueAndForASecondAtMost) {
  EXPECT_EQ(shown(1), "");
  reads.keep("/v1/offers", "/v1/offers", 1, saying("one"));
  EXPECT_TRUE(shown(1).ends_with("\r\n\r\none"));
  EXPECT_EQ(shown(2), "");
  EXPECT_EQ(shown(1, "/v1/offers?limit=1"), "");
  clock.steady += kCachedMs;
  EXPECT_EQ(shown(1), "");
}

TEST_F(Cache, OneReaderRenewsAndTheOthersGoOn) {
  reads.keep("/v1/offers", "/v1/offers", 1, saying("one"));
  clock.steady += kRenewedMs;
  EXPECT_EQ(shown(1), "");
  EXPECT_NE(shown(1), "");
  reads.keep("/v1/offers", "/v1/offers", 1, saying("two"));
  EXPECT_TRUE(shown(1).ends_with("two"));
  clock.steady += kRenewedMs - 1;
  EXPECT_NE(shown(1), "");
}

TEST_F(Cache, ALateAnswerDoesNotReplaceANewerOne) {
  reads.keep("/v1/offers", "/v1/offers", 2, saying("new"));
  reads.keep("/v1/offers", "/v1/offers", 1, saying("old"));
  EXPECT_TRUE(shown(2).ends_with("new"));
  EXPECT_EQ(shown(1), "");
}

TEST_F(Cache, KeepsLittleAndOnlyWhatWentWell) {
  reads.keep("/a", "/v1/offers", 1, saying("wrong", 422));
  reads.keep("/" + std::string(kMaxCachedTarget, 'a'), "/v1/offers", 1, saying("long"));
  EXPECT_EQ(reads.size(), 0u);
  for (std::size_t i = 0; i < 3 * kMaxCached; ++i) {
    reads.keep("/" + std::to_string(i), "/v1/offers", 1, saying("x"));
  }
  EXPECT_EQ(reads.size(), kMaxCached);
  clock.steady += kCachedMs;
  reads.keep("/new", "/v1/offers", 1, saying("x"));
  EXPECT_EQ(reads.size(), 1u);
  for (int i = 0; i < 100; ++i) {
    reads.keep("/large" + std::to_string(i), "/v1/offers", 1, saying(std::string(1 << 20, 'x')));
  }
  EXPECT_LE(reads.size(), 17u);
}

}  // namespace
}  // namespace obelisk::market_app
