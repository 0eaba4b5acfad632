#include "apps/market/pay/pay_desk.hpp"

#include <gtest/gtest.h>

#include "adapters/fake/key_attestor.hpp"
#include "apps/market/testing.hpp"

namespace obelisk::market_app {
namespace {

using testing::key;

class Pays : public ::testing::Test {
 protected:
  Pays() {
    watched.tell(offers.store_events());
    leases.terms = testing::terms_of(attestor.public_key());
    const auto listing = testing::listing_of(host.public_key(), 8);
    EXPECT_TRUE(offers.take_listing(host.public_key(), testing::sign_listing(listing, host)));
    offers.host_connected(host.public_key());
  }
  api::PayTicket begin(const std::string& from = "10.0.0.1") {
    api::PayRequest wish;
    wish.card = "rtx-4090";
    wish.seconds = 5400;
    wish.ssh_key = testing::kSshKey;
    return *desk.begin(wish, {"https://market.example", "market.example"}, from);
  }
  void pay(std::size_t at) {
    lease::Record& record = store.records.at(at);
    record.life.state = lease::State::preparing;
    ASSERT_TRUE(watched.apply({record.quote.lease, 0, record.life, {}, {}}));
  }

  testing::TestClock clock;
  testing::TestStore store;
  WatchedStore watched{store};
  testing::TestLeases leases{watched};
  testing::TestChain chain;
  testing::TestPrices prices;
  testing::TestSigner attestor;
  fake::KeyAttestor watch{attestor};
  OfferDesk offers{watched, clock, false};
  QuoteDesk quotes{{leases, watched, chain, prices, watch, clock, offers},
                   Identity{key(1), key(2), false}};
  PayDesk desk{quotes, leases, watched, clock};
  base::Keypair host = base::Keypair::random();
};

TEST_F(Pays, AWishHoldsNothingUntilAWalletScans) {
  const auto ticket = begin();
  EXPECT_EQ(ticket.url, "solana:https://market.example/v1/pay/" + ticket.pay);
  EXPECT_TRUE(store.records.empty());
  EXPECT_EQ(desk.state(ticket.pay, ticket.secret)->state, api::PayStep::waiting);

  const auto built = desk.build(ticket.pay, key(50), "10.0.0.9");
  ASSERT_TRUE(built) << built.error().message;
  EXPECT_NE(built->message.find("1 h 30 min. At most 0."), std::string::npos) << built->message;
  EXPECT_EQ(built->message.find("SOL SOL"), std::string::npos) << built->message;
  const auto quoted = desk.state(ticket.pay, ticket.secret);
  EXPECT_EQ(quoted->state, api::PayStep::quoted);
  EXPECT_EQ(quoted->quote->renter, key(50));

  pay(0);
  const auto paid = desk.state(ticket.pay, ticket.secret);
  EXPECT_EQ(paid->state, api::PayStep::paid);
  EXPECT_EQ(desk.build(ticket.pay, key(51), "10.0.0.9").error().code, base::Code::conflict);
}

TEST_F(Pays, AWalletThatAsksTwiceGetsOneQuote) {
  const auto ticket = begin();
  ASSERT_TRUE(desk.build(ticket.pay, key(50), "10.0.0.9"));
  ASSERT_TRUE(desk.build(ticket.pay, key(50), "10.0.0.9"));
  EXPECT_EQ(store.records.size(), 1u);
}

TEST_F(Pays, FewWalletsGetAQuoteForOneWish) {
  const auto ticket = begin();
  for (std::uint8_t i = 0; i < kWalletsPerPay; ++i) {
    ASSERT_TRUE(desk.build(ticket.pay, key(static_cast<std::uint8_t>(50 + i)),
                           "10.0." + std::to_string(i) + ".9"));
  }
  EXPECT_EQ(desk.build(ticket.pay, key(60), "10.0.8.9").error().code, base::Code::rate_limited);
}

TEST_F(Pays, TheSecretAloneShowsWhatBecameOfIt) {
  const auto ticket = begin();
  EXPECT_EQ(desk.state(ticket.pay, "").error().code, base::Code::forbidden);
  EXPECT_EQ(desk.state(ticket.pay, ticket.pay).error().code, base::Code::forbidden);
  EXPECT_EQ(desk.state("none", ticket.secret).error().code, base::Code::not_found);
}

TEST_F(Pays, AnUnansweredWishIsOverAndForgotten) {
  const auto ticket = begin();
  clock.steady += kPayLifeMs + 1;
  EXPECT_EQ(desk.build(ticket.pay, key(50), "10.0.0.9").error().code, base::Code::expired);
  EXPECT_EQ(desk.state(ticket.pay, ticket.secret)->state, api::PayStep::expired);
  desk.sweep();
  EXPECT_EQ(desk.check(ticket.pay).error().code, base::Code::not_found);
}

TEST_F(Pays, WhatWasAnsweredAndNotPaidIsForgotten) {
  const auto ticket = begin();
  ASSERT_TRUE(desk.build(ticket.pay, key(50), "10.0.0.9"));
  const auto other = begin();
  ASSERT_TRUE(desk.build(other.pay, key(51), "10.0.1.9"));
  pay(1);
  clock.steady += kPayLifeMs + 200'000;
  desk.sweep();
  EXPECT_EQ(desk.check(ticket.pay).error().code, base::Code::not_found);
  EXPECT_EQ(desk.state(other.pay, other.secret)->state, api::PayStep::paid);
  clock.steady += kPayKeptMs;
  desk.sweep();
  EXPECT_EQ(desk.check(other.pay).error().code, base::Code::not_found);
}

TEST_F(Pays, OneAddressLeavesFewUnpaid) {
  for (std::size_t i = 0; i < kPaysPerAddress; ++i) begin();
  api::PayRequest wish;
  wish.seconds = 60;
  const identity::Origin origin{"https://market.example", "market.example"};
  EXPECT_EQ(desk.begin(wish, origin, "10.0.0.1").error().code, base::Code::rate_limited);
  EXPECT_TRUE(desk.begin(wish, origin, "10.7.0.1"));
}

}  // namespace
}  // namespace obelisk::market_app
