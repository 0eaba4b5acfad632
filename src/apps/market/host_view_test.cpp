#include "apps/market/host_view.hpp"

#include <gtest/gtest.h>

#include "apps/market/testing.hpp"

namespace obelisk::market_app {
namespace {

using testing::key;
constexpr base::UnixSeconds kNow = testing::kChainNowS;

HostSeen with_four_cards() {
  HostSeen out;
  out.is_here = true;
  out.listing = from_api(testing::listing_of(key(3), 4));
  return out;
}

std::vector<api::HostCardState> states_of(const HostSeen& seen) {
  std::vector<api::HostCardState> out;
  const auto now = host_now(key(3), seen, {}, kNow, kNow);
  for (const auto& card : now.cards) out.push_back(card.state);
  return out;
}

lease::Record served(std::uint8_t n) {
  lease::Record out;
  out.quote.lease = key(n);
  out.quote.host = key(3);
  out.quote.card = "rtx-4090";
  out.quote.card_name = "RTX 4090";
  out.quote.count = 1;
  out.quote.rate_lamports_per_hour = 3'600'000;  // 1,000 a second
  out.life.state = lease::State::active;
  out.life.seconds = 3600;
  out.life.started_at_s = kNow - 700;
  out.life.proven_until_s = kNow - 700;
  out.life.attestation = lease::Attestation{kNow - 100, {}};
  return out;
}

TEST(HostView, SaysOfEachCardWhatItIs) {
  using enum api::HostCardState;
  HostSeen seen = with_four_cards();
  seen.held["GPU-0"] = {true, kNow + 600};
  seen.held["GPU-1"] = {false, kNow + 60};
  EXPECT_EQ(states_of(seen), (std::vector{rented, api::HostCardState::held, free, free}));
  const auto cards = host_now(key(3), seen, {}, kNow, kNow).cards;
  EXPECT_EQ(cards[0].until_s, static_cast<std::uint64_t>(kNow + 600));
  EXPECT_FALSE(cards[2].until_s);
  seen.is_kept = true;
  EXPECT_EQ(states_of(seen), (std::vector{rented, api::HostCardState::held, kept, kept}));
  seen.is_here = false;
  EXPECT_EQ(states_of(seen), (std::vector{rented, api::HostCardState::held, away, away}));
}

TEST(HostView, ANearMaintenanceKeepsTheFreeCardsBack) {
  HostSeen seen = with_four_cards();
  seen.listing.maintenance_from_s = kNow + 3600;
  EXPECT_EQ(states_of(seen)[0], api::HostCardState::free);
  EXPECT_EQ(host_now(key(3), seen, {}, kNow, kNow).maintenance_from_s,
            static_cast<std::uint64_t>(kNow + 3600));
  seen.listing.maintenance_from_s = kNow + 60;
  EXPECT_EQ(states_of(seen)[0], api::HostCardState::kept);
}

TEST(HostView, WhatIsServedIsThereThoughNothingIsListed) {
  HostSeen seen = with_four_cards();
  seen.listing.cards.resize(1);
  lease::Record record = served(1);
  record.quote.card_uuids = {"GPU-0", "GPU-7"};
  seen.held["GPU-0"] = seen.held["GPU-7"] = {true, kNow + 600};
  const auto cards = host_now(key(3), seen, {record}, kNow, kNow).cards;
  ASSERT_EQ(cards.size(), 2u) << "the first is listed";
  EXPECT_EQ(cards[1].state, api::HostCardState::rented);
  EXPECT_EQ(cards[1].until_s, static_cast<std::uint64_t>(kNow + 600));
}

TEST(HostView, AddsUpWhatWaits) {
  lease::Record quiet = served(2);
  quiet.life.attestation.reset();
  const auto now = host_now(key(3), std::nullopt, {served(1), quiet}, kNow, kNow);
  EXPECT_FALSE(now.is_connected) << "it never listed anything, and serves all the same";
  ASSERT_EQ(now.leases.size(), 2u);
  EXPECT_EQ(now.leases[0].waiting_lamports.count, 600'000u);
  EXPECT_EQ(now.leases[0].state, api::LeaseState::active);
  EXPECT_EQ(now.leases[0].proven_until_s, static_cast<std::uint64_t>(kNow - 100));
  EXPECT_EQ(now.leases[1].waiting_lamports.count, 0u);
  EXPECT_EQ(now.waiting_lamports.count, 600'000u);
}

}  // namespace
}  // namespace obelisk::market_app
