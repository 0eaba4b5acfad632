#include "core/escrow/open.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <functional>

#include "core/escrow/bounds.hpp"

namespace obelisk::escrow {
namespace {

Key key(std::uint64_t seed) { return {{seed, 0, 0, 0}}; }

struct Opening {
  Market market{};
  Purchase purchase{};
  Key lease = key(1);
  Key renter = key(2);
  Key host = key(3);
  Key address = key(9);
  bool host_empty = false;
  std::int64_t now = 1000;

  Opening() {
    market = {kMarketKind, kVersion, 250, 0, 250, 0, 60, 180, 21'600, 0, 7, key(8), key(4), key(5)};
    purchase = {1, 7, 1000, 9'200'000, 3600, 7200, key(6), 255};
  }
  Parties parties() const { return {&lease, &renter, &host, &address, host_empty}; }
  Error check() const { return check_open(market, purchase, parties(), now); }
};

struct Case {
  const char* name;
  std::function<void(Opening&)> change;
  Error error;
};

class CheckOpen : public testing::TestWithParam<Case> {};

TEST_P(CheckOpen, Says) {
  Opening opening;
  GetParam().change(opening);
  EXPECT_EQ(opening.check(), GetParam().error);
}

INSTANTIATE_TEST_SUITE_P(
    Each, CheckOpen,
    testing::Values(
        Case{"sound", [](Opening&) {}, Error::none},
        Case{"paused", [](Opening& o) { o.market.paused = 1; }, Error::paused},
        Case{"older_rev", [](Opening& o) { o.purchase.market_rev = 6; }, Error::market_changed},
        Case{"newer_rev", [](Opening& o) { o.purchase.market_rev = 8; }, Error::market_changed},
        Case{"a_second_too_late", [](Opening& o) { o.now = 1001; }, Error::quote_expired},
        Case{"in_the_last_second", [](Opening& o) { o.now = 1000; }, Error::none},
        Case{"no_rate", [](Opening& o) { o.purchase.rate = 0; }, Error::out_of_range},
        Case{"too_short", [](Opening& o) { o.purchase.seconds = 59; }, Error::out_of_range},
        Case{"longer_than_the_most", [](Opening& o) { o.purchase.max_seconds = 3599; },
             Error::out_of_range},
        Case{"empty_host", [](Opening& o) { o.host_empty = true; }, Error::empty_wallet},
        Case{"renter_is_host", [](Opening& o) { o.renter = o.host; }, Error::same_party},
        Case{"lease_is_renter", [](Opening& o) { o.lease = o.renter; }, Error::same_party},
        Case{"lease_is_host", [](Opening& o) { o.lease = o.host; }, Error::same_party},
        Case{"renter_is_treasury", [](Opening& o) { o.renter = o.market.treasury; },
             Error::same_party},
        Case{"renter_is_attestor", [](Opening& o) { o.renter = o.market.attestor; },
             Error::same_party},
        Case{"host_is_treasury", [](Opening& o) { o.host = o.market.treasury; }, Error::same_party},
        Case{"host_is_attestor", [](Opening& o) { o.host = o.market.attestor; }, Error::same_party},
        Case{"treasury_is_attestor", [](Opening& o) { o.market.treasury = o.market.attestor; },
             Error::same_party},
        Case{"lease_is_attestor", [](Opening& o) { o.market.attestor = o.lease; },
             Error::same_party},
        Case{"lease_is_treasury", [](Opening& o) { o.market.treasury = o.lease; },
             Error::same_party},
        Case{"renter_may_be_the_operator", [](Opening& o) { o.renter = o.market.operator_key; },
             Error::none},
        Case{"paused_comes_first",
             [](Opening& o) {
               o.market.paused = 1;
               o.purchase.market_rev = 0;
               o.purchase.rate = 0;
             },
             Error::paused},
        Case{"same_party_before_empty_wallet",
             [](Opening& o) {
               o.renter = o.host;
               o.host_empty = true;
             },
             Error::same_party}),
    [](const auto& param) { return std::string(param.param.name); });

TEST(Open, TheRenterPaysPriceAndBond) {
  Opening opening;
  opening.purchase.seconds = 61;
  opening.purchase.rate = 7;
  std::uint64_t lamports = 0;
  ASSERT_TRUE(opening_lamports(opening.purchase, lamports));
  EXPECT_EQ(lamports, kBondLamports + 1);
}

TEST(Open, WhatHasNoPriceCannotBeOpened) {
  Opening opening;
  opening.purchase.rate = UINT64_MAX;
  std::uint64_t lamports = 0;
  EXPECT_FALSE(opening_lamports(opening.purchase, lamports));
}

TEST(Open, EveryByteOfTheLeaseIsWritten) {
  const Opening opening;
  Lease low;
  Lease high;
  std::memset(&low, 0x00, sizeof low);
  std::memset(&high, 0xff, sizeof high);
  fill_lease(low, opening.market, opening.purchase, opening.parties(), {1000, 77});
  fill_lease(high, opening.market, opening.purchase, opening.parties(), {1000, 77});
  EXPECT_EQ(std::memcmp(&low, &high, sizeof low), 0);
  EXPECT_EQ(low.kind, kLeaseKind);
  EXPECT_EQ(low.state, State::funded);
  EXPECT_EQ(low.opened_at, 1000);
  EXPECT_EQ(low.opened_slot, 77u);
  EXPECT_EQ(low.fee_bps, 250);
  EXPECT_TRUE(same(low.treasury, opening.market.treasury));
  EXPECT_TRUE(same(low.attestor, opening.market.attestor));
  EXPECT_TRUE(same(low.market, opening.address));
  EXPECT_EQ(low.released, 0u);
}

TEST(Market, TermsReplaceAllAtOnceAndNothingElse) {
  Opening opening;
  Market& market = opening.market;
  set_terms(market, {1, 100, 30, 60, 600, key(20)}, key(21));
  EXPECT_EQ(market.paused, 1);
  EXPECT_EQ(market.fee_bps, 100);
  EXPECT_EQ(market.ready_deadline_s, 30u);
  EXPECT_EQ(market.gap_limit_s, 60u);
  EXPECT_EQ(market.claim_window_s, 600u);
  EXPECT_TRUE(same(market.attestor, key(20)));
  EXPECT_TRUE(same(market.treasury, key(21)));
  EXPECT_TRUE(same(market.operator_key, key(8)));
  EXPECT_EQ(market.rev, 7u);
  EXPECT_EQ(market.bump, 250);
}

}  // namespace
}  // namespace obelisk::escrow
