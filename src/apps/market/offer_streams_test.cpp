#include "apps/market/offer_streams.hpp"

#include <gtest/gtest.h>

#include "apps/market/testing.hpp"

namespace obelisk::market_app {
namespace {

using testing::TestStream;

class Streams : public ::testing::Test {
 protected:
  Streams() { store.tell(offers.store_events()); }
  base::Keypair list(std::uint64_t price, std::size_t cards = 1) {
    base::Keypair host = base::Keypair::random();
    list_again(host, price, cards);
    return host;
  }
  void list_again(const base::Keypair& host, std::uint64_t price, std::size_t cards = 1) {
    auto listing = testing::listing_of(host.public_key(), cards);
    listing.seq += ++listings_;
    listing.micro_usd_per_hour = price;
    ASSERT_TRUE(offers.take_listing(host.public_key(), testing::sign_listing(listing, host)));
    offers.host_connected(host.public_key());
  }
  void take(const base::Keypair& host, std::uint8_t lease) {
    lease::Quote quote;
    quote.lease = testing::key(lease);
    quote.host = host.public_key();
    quote.card = "rtx-4090";
    quote.card_uuids = {"GPU-0"};
    ASSERT_TRUE(store.insert_quote(quote));
  }
  void let_go(std::uint8_t lease) {
    ports::LeaseWrite write;
    write.lease = testing::key(lease);
    write.life.state = lease::State::ended;
    ASSERT_TRUE(store.apply(write));
    std::erase_if(real.records,
                  [&](const auto& record) { return record.quote.lease == write.lease; });
  }
  static OfferQuery query(const std::string& text) {
    auto read = market::search::parse_query(text);
    return {std::get<market::search::Query>(read), market::search::default_sort()};
  }
  std::shared_ptr<TestStream> follow(const std::string& text,
                                     const std::string& address = "10.0.0.1") {
    auto stream = std::make_shared<TestStream>();
    EXPECT_TRUE(streams.admit(query(text), address));
    streams.open(query(text), address, stream);
    return stream;
  }
  void step(std::int64_t ms = 1000) {
    clock.steady += ms;
    streams.step();
  }
  // "snapshot 2", "offer 1380000", "gone": what came since the last look.
  std::vector<std::string> heard(const std::shared_ptr<TestStream>& stream) {
    std::vector<std::string> out;
    for (const auto& event : std::exchange(stream->events, {})) {
      const auto read = api::offer_event_from_json(event.data);
      EXPECT_TRUE(read) << event.data;
      EXPECT_EQ(event.event, read->kind);
      std::string line = read->kind;
      if (read->count) line += " " + std::to_string(*read->count);
      if (read->offer) line += " " + std::to_string(read->offer->micro_usd_per_hour);
      out.push_back(line);
    }
    return out;
  }
  using Heard = std::vector<std::string>;

  std::uint64_t listings_ = 0;
  testing::TestClock clock;
  testing::TestStore real;
  WatchedStore store{real};
  testing::TestPrices prices;
  OfferDesk offers{store, clock, false};
  OfferStreams streams{offers, prices, clock};
};

TEST_F(Streams, ASnapshotFirstAndThenChanges) {
  const auto cheap = list(900'000);
  list(2'000'000);
  const auto stream = follow("rtx-4090 price<=1.5");
  EXPECT_EQ(heard(stream), (Heard{"snapshot 1", "offer 900000"}));
  step();
  EXPECT_EQ(heard(stream), Heard{}) << "nothing changed";
  list_again(cheap, 800'000);
  list(1'000'000);
  step();
  EXPECT_EQ(heard(stream), (Heard{"offer 800000", "offer 1000000"}));
  list_again(cheap, 1'600'000);
  step();
  EXPECT_EQ(heard(stream), (Heard{"gone"}));
  offers.host_gone(cheap.public_key());
  step();
  EXPECT_EQ(heard(stream), Heard{});
}

TEST_F(Streams, AStreamThatIsOpenedAgainMissesNothing) {
  const auto first = follow("rtx-4090");
  EXPECT_EQ(heard(first), (Heard{"snapshot 0"}));
  first->close();
  list(900'000);
  step();
  EXPECT_EQ(streams.count(), 0u);
  EXPECT_EQ(heard(follow("rtx-4090")), (Heard{"snapshot 1", "offer 900000"}));
}

TEST_F(Streams, WhoWaitsLongestIsToldFirst) {
  const auto host = list(900'000);
  take(host, 1);
  const auto first = follow("rtx-4090");
  const auto second = follow("card=rtx-4090 price<2");  // another search for the same card
  const auto third = follow("rtx-4090", "10.0.0.3");
  const auto other = follow("a40");
  step();
  for (const auto& stream : {first, second, third, other}) {
    EXPECT_EQ(heard(stream), (Heard{"snapshot 0"}));
  }
  let_go(1);
  step();
  EXPECT_EQ(heard(first), (Heard{"offer 900000"}));
  EXPECT_EQ(heard(second), Heard{});
  EXPECT_EQ(heard(third), Heard{});
  const auto late = follow("rtx-4090");
  EXPECT_EQ(heard(late), (Heard{"snapshot 0"})) << "who comes now does not overtake";
  step();
  EXPECT_EQ(heard(second), (Heard{"offer 900000"}));
  EXPECT_EQ(heard(third), Heard{});
  step();
  EXPECT_EQ(heard(third), (Heard{"offer 900000"}));
  EXPECT_EQ(heard(late), Heard{});
  step();
  EXPECT_EQ(heard(late), (Heard{"offer 900000"}));
  EXPECT_EQ(heard(other), Heard{});
}

TEST_F(Streams, WhatIsTakenInTheMeantimeIsNotShownToTheRest) {
  const auto host = list(900'000);
  take(host, 1);
  const auto first = follow("rtx-4090");
  const auto second = follow("rtx-4090");
  let_go(1);
  step();
  take(host, 2);  // by the first
  step();
  EXPECT_EQ(heard(first), (Heard{"snapshot 0", "offer 900000", "gone"}));
  EXPECT_EQ(heard(second), (Heard{"snapshot 0"}));
  // It is free again: the first still waits longest.
  let_go(2);
  step();
  EXPECT_EQ(heard(first), (Heard{"offer 900000"}));
  EXPECT_EQ(heard(second), Heard{});
}

TEST_F(Streams, ForEachFreeCardOneIsToldAtOnce) {
  const auto first = follow("rtx-4090");
  const auto second = follow("rtx-4090");
  const auto third = follow("rtx-4090");
  list(900'000, 2);
  step();
  EXPECT_EQ(heard(first).size(), 2u);
  EXPECT_EQ(heard(second).size(), 2u);
  EXPECT_EQ(heard(third).size(), 1u);
}

TEST_F(Streams, NobodyIsHeldBackForLong) {
  std::vector<std::shared_ptr<TestStream>> all;
  for (int i = 0; i < 40; ++i) all.push_back(follow("rtx-4090", std::to_string(i)));
  list(900'000);
  step();
  step(static_cast<std::int64_t>(kMaxPlaces) * kHeadStartMs);
  for (const auto& stream : all) EXPECT_EQ(heard(stream).size(), 2u);
}

TEST_F(Streams, StreamsAndSearchesAreBounded) {
  std::vector<std::shared_ptr<TestStream>> all;
  for (std::size_t i = 0; i < Limits{}.streams_per_address; ++i) all.push_back(follow("rtx-4090"));
  const auto full = streams.admit(query("rtx-4090"), "10.0.0.1");
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code, base::Code::rate_limited);
  for (std::size_t i = 1; i < kMaxSearches; ++i) {
    all.push_back(follow("price<" + std::to_string(i), std::to_string(i)));
  }
  EXPECT_FALSE(streams.admit(query("price<999"), "10.0.0.9"));
  EXPECT_TRUE(streams.admit(query("rtx-4090"), "10.0.0.9")) << "one that is followed already";
  for (const auto& stream : all) stream->close();
  EXPECT_TRUE(streams.admit(query("price<999"), "10.0.0.1"));
}

TEST_F(Streams, OnlyTheFirstHundredAreFollowed) {
  for (std::uint64_t i = 0; i < kFollowedOffers + 5; ++i) list(1'000'000 + i);
  const auto stream = follow("");
  EXPECT_EQ(heard(stream).size(), kFollowedOffers + 1);
  list(1);
  step();
  EXPECT_EQ(heard(stream), (Heard{"gone", "offer 1"}));
}

}  // namespace
}  // namespace obelisk::market_app
