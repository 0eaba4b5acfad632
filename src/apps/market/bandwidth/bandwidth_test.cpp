#include <gtest/gtest.h>

#include "adapters/fake/fake_clock.hpp"
#include "apps/market/bandwidth/bandwidth_desk.hpp"

namespace obelisk::market_app {
namespace {

base::PublicKey key(std::uint8_t seed) {
  base::PublicKey out;
  out.bytes.fill(seed);
  return out;
}

class Bandwidth : public testing::Test {
 protected:
  // One whole test by that host.
  bool measures(std::uint8_t host, const std::string& address) {
    const auto ticket = desk.begin(key(host), address);
    if (!ticket) {
      EXPECT_EQ(ticket.error().code, base::Code::rate_limited);
      return false;
    }
    EXPECT_TRUE(desk.down(*ticket, 1));
    EXPECT_EQ(desk.begin_up(*ticket), kMostTestBytes);
    EXPECT_TRUE(desk.up(*ticket, false));
    return true;
  }

  fake::FakeClock clock;
  BandwidthDesk desk{clock};
};

TEST_F(Bandwidth, OneAtATimeAndWithinItsBounds) {
  const auto ticket = desk.begin(key(1), "192.0.2.1");
  ASSERT_TRUE(ticket);
  EXPECT_EQ(ticket->size(), 32U);
  EXPECT_EQ(desk.begin(key(2), "192.0.2.2").error().code, base::Code::rate_limited);
  EXPECT_EQ(desk.down("x", 1).error().code, base::Code::not_found);
  EXPECT_EQ(desk.down(*ticket, 0).error().code, base::Code::invalid_input);
  EXPECT_EQ(desk.down(*ticket, kMostTestBytes + 1).error().code, base::Code::invalid_input);
  EXPECT_TRUE(desk.down(*ticket, kMostTestBytes));
  EXPECT_TRUE(desk.down(*ticket, kMostTestBytes));
  EXPECT_EQ(desk.down(*ticket, 1).error().code, base::Code::rate_limited) << "twice at most";
  EXPECT_EQ(desk.begin_up(""), 0U);
  EXPECT_EQ(desk.begin_up(*ticket), kMostTestBytes);
  EXPECT_TRUE(desk.up(*ticket, true));
  EXPECT_EQ(desk.begin_up(*ticket), kMostTestBytes);
  EXPECT_EQ(desk.begin_up(*ticket), 0U) << "however many connections it opens";
  EXPECT_TRUE(desk.up(*ticket, true));
  EXPECT_EQ(desk.up(*ticket, false).error().code, base::Code::not_found) << "it was the last";
  EXPECT_TRUE(desk.begin(key(2), "192.0.2.2")) << "the next may begin";
}

TEST_F(Bandwidth, WhoNeverEndsHoldsItForTwentySeconds) {
  const auto ticket = desk.begin(key(1), "192.0.2.1");
  clock.advance_ms(kTestMs - 1);
  EXPECT_FALSE(desk.begin(key(2), "192.0.2.2"));
  EXPECT_EQ(desk.begin_up(*ticket), kMostTestBytes);
  clock.advance_ms(1);
  EXPECT_EQ(desk.begin_up(*ticket), 0U);
  EXPECT_EQ(desk.down(*ticket, 1).error().code, base::Code::not_found);
  EXPECT_TRUE(desk.begin(key(2), "192.0.2.2"));
}

TEST_F(Bandwidth, AFewAnHourForEachHostAndAddressAndForAll) {
  for (std::size_t i = 0; i < kTestsPerHost; ++i) EXPECT_TRUE(measures(1, "192.0.2.1"));
  EXPECT_FALSE(measures(1, "198.51.100.7")) << "wherever it asks from";
  for (std::size_t i = kTestsPerHost; i < kTestsPerAddress; ++i) {
    EXPECT_TRUE(measures(static_cast<std::uint8_t>(10 + i), "192.0.2.1"));
  }
  EXPECT_FALSE(measures(99, "192.0.2.1")) << "a wallet is free";
  std::size_t all = kTestsPerAddress;
  for (int host = 0; host < 250; ++host) {
    for (std::size_t i = 0; i < 3; ++i) {
      all += measures(static_cast<std::uint8_t>(host), "203.0.113." + std::to_string(host)) ? 1 : 0;
    }
  }
  EXPECT_EQ(all, kTestsOfAll);
  clock.advance_ms(3'600'000);
  EXPECT_TRUE(measures(1, "192.0.2.1"));
}

TEST(TicketIn, IsOfThatPathAlone) {
  EXPECT_EQ(ticket_in("/v1/bandwidth/abc/up"), "abc");
  EXPECT_EQ(ticket_in("/v1/bandwidth/abc/up?more=yes"), "abc");
  for (const char* path : {"/v1/bandwidth/abc/down", "/v1/bandwidth/up", "/v1/bandwidth//up", "/up",
                           "/v1/bandwidth", "/v1/quotes", "", "/v1/bandwidth/abc/up/x"}) {
    EXPECT_EQ(ticket_in(path), "") << path;
  }
}

}  // namespace
}  // namespace obelisk::market_app
