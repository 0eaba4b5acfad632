#include "apps/market/offer_desk.hpp"

#include <gtest/gtest.h>

#include "adapters/fake/memory_refusal_store.hpp"
#include "apps/market/testing.hpp"

namespace obelisk::market_app {
namespace {

class DeskTest : public ::testing::Test {
 protected:
  DeskTest() {
    store.tell(offers.store_events());
    list(4);
    offers.host_connected(host.public_key());
  }
  void list(std::size_t cards) {
    auto listing = testing::listing_of(host.public_key(), cards);
    listing.seq += ++listings_sent;
    ASSERT_TRUE(offers.take_listing(host.public_key(), testing::sign_listing(listing, host)));
  }
  // How many cards the shelf shows as free, and that the history counts the same.
  std::size_t free_cards() {
    std::size_t out = 0;
    offers.shelf()->each([&](const market::search::Entry& e) { out += e.offer.free.size(); });
    std::size_t same = 0;
    for (const auto& [kind, tally] : offers.tally()) same += tally.free;
    EXPECT_EQ(out, same);
    return out;
  }
  lease::Quote quote_of(std::uint8_t lease, std::vector<std::string> cards) {
    lease::Quote quote;
    quote.lease = testing::key(lease);
    quote.host = host.public_key();
    quote.card = "rtx-4090";
    quote.card_uuids = std::move(cards);
    return quote;
  }
  void step(std::uint8_t lease, const lease::Life& life) {
    ports::LeaseWrite write;
    write.lease = testing::key(lease);
    write.life = life;
    for (lease::Record& record : real.records) {
      if (record.quote.lease == write.lease) record.life = life;
    }
    ASSERT_TRUE(store.apply(write));
    if (life.state == lease::State::ended) {
      std::erase_if(real.records,
                    [&](const auto& record) { return record.quote.lease == write.lease; });
    }
  }
  static lease::Life life(lease::State state, base::UnixMillis waited_ms = 0) {
    lease::Life out;
    out.state = state;
    out.confirmed_ms = testing::kNowMs;
    if (waited_ms != 0) out.first_login_ms = testing::kNowMs + waited_ms;
    return out;
  }
  market::search::LoginTimes logins() {
    market::search::LoginTimes out;
    offers.shelf()->each([&](const market::search::Entry& entry) { out = entry.logins; });
    return out;
  }

  testing::TestClock clock;
  testing::TestStore real;
  WatchedStore store{real};
  OfferDesk offers{store, clock, false};
  base::Keypair host = base::Keypair::random();
  std::uint64_t listings_sent = 0;
};

TEST_F(DeskTest, TheShelfFollowsHoldsListingsAndPresence) {
  EXPECT_EQ(free_cards(), 4u);
  ASSERT_TRUE(store.insert_quote(quote_of(1, {"GPU-0", "GPU-1"})));
  EXPECT_EQ(free_cards(), 2u);
  list(6);
  EXPECT_EQ(free_cards(), 4u);
  step(1, life(lease::State::active));
  EXPECT_EQ(free_cards(), 4u);
  step(1, life(lease::State::ended));
  EXPECT_EQ(free_cards(), 6u);
  offers.host_gone(host.public_key());
  EXPECT_EQ(free_cards(), 6u) << "it may come back";
  clock.steady += kHostGraceMs - 1;
  EXPECT_EQ(free_cards(), 6u);
  clock.steady += 1;
  EXPECT_EQ(free_cards(), 0u);
  offers.host_connected(host.public_key());
  EXPECT_EQ(free_cards(), 6u);
}

TEST_F(DeskTest, TheShelfFollowsAMaintenanceThatComesNearer) {
  api::Listing listing = testing::listing_of(host.public_key(), 4);
  listing.seq += 1'000;
  listing.maintenance_from_s = static_cast<std::uint64_t>(clock.now_ms() / 1000 + 3'600);
  ASSERT_TRUE(offers.take_listing(host.public_key(), testing::sign_listing(listing, host)));
  const auto longest = [&] {
    std::uint32_t out = 0;
    offers.shelf()->each(
        [&](const market::search::Entry& entry) { out = entry.offer.max_seconds; });
    const auto quoted = offers.fitting({}, 1);
    EXPECT_EQ(out, quoted.empty() ? 0U : quoted.front()->offer.max_seconds);
    return out;
  };
  std::uint32_t before = longest();
  EXPECT_EQ(before, 3'600U - 120U);
  for (int left_s = 3'599; left_s > -100; --left_s) {
    clock.steady += 1'000;
    const std::uint32_t now = longest();
    EXPECT_LE(now, before);
    EXPECT_LE(static_cast<int>(now), std::max(left_s - 120, 0));
    before = now;
  }
  EXPECT_EQ(free_cards(), 0U);
  listing.seq += 1;
  listing.maintenance_from_s.reset();
  ASSERT_TRUE(offers.take_listing(host.public_key(), testing::sign_listing(listing, host)));
  EXPECT_EQ(longest(), 86'400U);
}

TEST_F(DeskTest, CardsThatAreTakenBackAreThereAllTheSame) {
  EXPECT_FALSE(offers.see(base::Keypair::random().public_key()));
  EXPECT_FALSE(offers.see(host.public_key())->is_kept);
  list(0);
  auto seen = offers.see(host.public_key());
  EXPECT_TRUE(seen->is_kept);
  EXPECT_EQ(seen->listing.cards.size(), 4u);
  EXPECT_EQ(free_cards(), 0u) << "they are not offered";
  list(3);
  seen = offers.see(host.public_key());
  EXPECT_FALSE(seen->is_kept);
  EXPECT_EQ(seen->listing.cards.size(), 3u);
}

TEST_F(DeskTest, SaysUntilWhenACardIsBusy) {
  EXPECT_FALSE(offers.busy_until("rtx-4090", testing::kChainNowS));
  ASSERT_TRUE(store.insert_quote(quote_of(1, {"GPU-0"})));
  lease::Life now = life(lease::State::active);
  now.started_at_s = testing::kChainNowS - 600;
  now.seconds = 3600;
  step(1, now);
  EXPECT_EQ(offers.busy_until("rtx-4090", testing::kChainNowS),
            static_cast<std::uint64_t>(testing::kChainNowS + 3000));
  EXPECT_EQ(offers.see(host.public_key())->held.at("GPU-0").until_s, testing::kChainNowS + 3000);
  EXPECT_TRUE(offers.see(host.public_key())->held.at("GPU-0").is_paid);
  now.state = lease::State::contested;
  now.window_ends_s = testing::kChainNowS + 21'600;
  step(1, now);
  EXPECT_EQ(offers.see(host.public_key())->held.at("GPU-0").until_s, testing::kChainNowS + 21'600)
      << "in a dispute it is not free before the window is over";
  now.state = lease::State::stopping;
  step(1, now);
  EXPECT_EQ(offers.see(host.public_key())->held.at("GPU-0").until_s, 0);
  EXPECT_FALSE(offers.busy_until("rtx-4090", testing::kChainNowS));
}

TEST_F(DeskTest, AListingIsChangedOnlySoOften) {
  api::Listing listing = testing::listing_of(host.public_key(), 4);
  const auto send = [&](std::size_t cards) {
    listing.seq += 1;
    listing.cards.resize(cards, listing.cards.empty() ? api::ListedCard{} : listing.cards[0]);
    for (std::size_t i = 0; i < cards; ++i) {
      listing.cards[i] = testing::listing_of(host.public_key(), cards).cards[i];
    }
    return offers.take_listing(host.public_key(), testing::sign_listing(listing, host));
  };
  listing.seq += 1'000;
  std::int64_t taken = 1;  // SetUp's
  while (send(3).ok()) ++taken;
  EXPECT_EQ(taken, kListingBurst);
  EXPECT_EQ(free_cards(), 3U) << "the last one taken stands";
  const auto refused = send(2);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, base::Code::rate_limited);
  EXPECT_NE(refused.error().action.find("30 s"), std::string::npos) << refused.error().action;
  clock.steady += kListingEveryMs;
  EXPECT_TRUE(send(2).ok());
  EXPECT_EQ(free_cards(), 2U);
  EXPECT_FALSE(send(2).ok());
  EXPECT_TRUE(send(0).ok()) << "who leaves is let go at once";
  EXPECT_EQ(free_cards(), 0U);
  EXPECT_FALSE(send(0).ok()) << "once";
  EXPECT_FALSE(send(4).ok());
  listing.seq -= 3;
  EXPECT_TRUE(offers.take_listing(host.public_key(), testing::sign_listing(listing, host)).ok())
      << "what is there already, as after a new connection, costs nothing";
}

TEST_F(DeskTest, ARefusedHostIsNotOfferedUntilThatIsLifted) {
  fake::MemoryRefusalStore list;
  Refusals refusals(list);
  OfferDesk strict(store, clock, false, 10'000, &refusals);
  strict.host_connected(host.public_key());
  ASSERT_TRUE(strict.load());
  EXPECT_EQ(strict.shelf()->size(), 1U);
  const auto shown = [&] {
    std::size_t out = 0;
    strict.shelf()->each([&](const market::search::Entry&) { ++out; });
    return out;
  };
  EXPECT_EQ(shown(), 1U);
  ASSERT_TRUE(list.put({host.public_key(), 1, ""}).ok());
  const auto refused = refusals.refresh();
  for (const auto& address : refused->refused) strict.changed(address);
  EXPECT_TRUE(strict.fitting({}, 9).empty());
  EXPECT_EQ(shown(), 0U);
  EXPECT_TRUE(strict.is_reachable(host.public_key())) << "its leases are served";
  api::Listing later = testing::listing_of(host.public_key(), 2);
  later.seq += 5'000;
  EXPECT_TRUE(strict.take_listing(host.public_key(), testing::sign_listing(later, host)).ok());
  EXPECT_EQ(shown(), 0U);
  ASSERT_TRUE(list.lift(host.public_key()).ok());
  const auto lifted = refusals.refresh();
  for (const auto& address : lifted->lifted) strict.changed(address);
  EXPECT_EQ(strict.fitting({}, 9).front()->offer.free.size(), 2U) << "the newest listing counts";
  EXPECT_EQ(shown(), 1U);
}

TEST_F(DeskTest, AHostThatCameBackStays) {
  offers.host_gone(host.public_key());
  clock.steady += 1000;
  offers.host_connected(host.public_key());
  clock.steady += kHostGraceMs;
  EXPECT_EQ(free_cards(), 4u);
}

TEST_F(DeskTest, WithoutAChangeTheShelfIsTheSame) {
  const auto one = offers.shelf();
  EXPECT_EQ(one, offers.shelf());
  ASSERT_TRUE(store.insert_quote(quote_of(1, {"GPU-0"})));
  EXPECT_NE(one, offers.shelf());
  EXPECT_EQ(one->size(), 1u) << "who holds the old one still sees it as it was";
}

TEST_F(DeskTest, SettlingChangesNothingThatIsSeen) {
  std::vector<base::Keypair> others;
  for (std::size_t i = 0; i < kFreshEnough; ++i) {
    others.push_back(base::Keypair::random());
    const auto listing = testing::listing_of(others.back().public_key(), 1);
    ASSERT_TRUE(offers.take_listing(others.back().public_key(),
                                    testing::sign_listing(listing, others.back())));
    offers.host_connected(others.back().public_key());
  }
  EXPECT_EQ(free_cards(), kFreshEnough + 4);
  EXPECT_GE(offers.shelf()->fresh(), kFreshEnough);
  ASSERT_TRUE(store.insert_quote(quote_of(1, {"GPU-0"})));
  offers.settle();
  EXPECT_LE(offers.shelf()->fresh(), 1u);
  EXPECT_EQ(free_cards(), kFreshEnough + 3);
}

TEST_F(DeskTest, AnOfferWithNothingFreeIsNotShown) {
  ASSERT_TRUE(store.insert_quote(quote_of(1, {"GPU-0", "GPU-1", "GPU-2", "GPU-3"})));
  EXPECT_EQ(offers.shelf()->size(), 0u);
  market::Search search;
  search.card = "rtx-4090";
  EXPECT_TRUE(offers.fitting(search, 9).empty());
  EXPECT_EQ(offers.why_none(search, 0).code, base::Code::conflict) << "there are such cards";
  search = {};
  search.offer = market::offer_id(host.public_key(), "rtx-4090");
  EXPECT_EQ(offers.why_none(search, 0).code, base::Code::conflict);
  search.offer = "0123456789abcdef";
  EXPECT_EQ(offers.why_none(search, 0).code, base::Code::not_found);
}

TEST_F(DeskTest, WhatAnotherProcessHoldsIsSeenOnceItWasMet) {
  ASSERT_TRUE(real.insert_quote(quote_of(1, {"GPU-0", "GPU-1"})));
  EXPECT_EQ(free_cards(), 4u) << "nobody told us";
  ASSERT_TRUE(offers.look_again(host.public_key()));
  EXPECT_EQ(free_cards(), 2u);
  offers.settle();
  EXPECT_EQ(free_cards(), 2u);
  real.records.clear();
  offers.settle();
  EXPECT_EQ(free_cards(), 4u) << "and that it let go";
}

TEST_F(DeskTest, WhyThereIsNothingSaysWhenThereIs) {
  ASSERT_TRUE(store.insert_quote(quote_of(1, {"GPU-0", "GPU-1", "GPU-2", "GPU-3"})));
  auto running = life(lease::State::active);
  running.started_at_s = 1000;
  running.seconds = 600;
  step(1, running);
  market::Search search;
  search.card = "rtx-4090";
  const auto why = offers.why_none(search, 1300);
  EXPECT_NE(why.message.find("5 min"), std::string::npos) << why.message;
}

TEST_F(DeskTest, TimesToLoginAreThoseOfTheLeasesSeen) {
  EXPECT_EQ(logins(), market::search::LoginTimes{});
  for (std::uint8_t i = 1; i <= 20; ++i) {
    ASSERT_TRUE(store.insert_quote(quote_of(i, {"GPU-0"})));
    step(i, life(lease::State::checking));
    step(i, life(lease::State::active, i * 100));
    step(i, life(lease::State::active, i * 100));  // counted once
    step(i, life(lease::State::ended, i * 100));
  }
  EXPECT_EQ(logins(), (market::search::LoginTimes{20, 1000, 1900}));
  // One that nobody ever logged in to, and one whose clock went back, say nothing.
  ASSERT_TRUE(store.insert_quote(quote_of(30, {"GPU-0"})));
  step(30, life(lease::State::ended));
  ASSERT_TRUE(store.insert_quote(quote_of(31, {"GPU-0"})));
  step(31, life(lease::State::ended, -5));
  EXPECT_EQ(logins().count, 20u);
  // Only the newest hundred count.
  for (std::uint8_t i = 100; i < 200; ++i) {
    ASSERT_TRUE(store.insert_quote(quote_of(i, {"GPU-0"})));
    step(i, life(lease::State::ended, 7));
  }
  EXPECT_EQ(logins(), (market::search::LoginTimes{100, 7, 7}));
}

TEST_F(DeskTest, ReliabilityIsOfLeasesThatTheHostKeptUp) {
  const auto endings = [this] {
    market::search::Endings out;
    offers.shelf()->each([&](const market::search::Entry& entry) { out = entry.endings; });
    return out;
  };
  std::uint8_t n = 0;
  const auto ends = [&](lease::Outcome outcome, bool closed = true) {
    ASSERT_TRUE(store.insert_quote(quote_of(++n, {"GPU-0"})));
    lease::Life over = life(lease::State::ended);
    over.outcome = outcome;
    over.closed = closed;
    step(n, over);
  };
  EXPECT_EQ(endings(), market::search::Endings{});
  ends(lease::Outcome::ran_to_the_end);
  ends(lease::Outcome::stopped_by_renter);
  EXPECT_EQ(endings(), (market::search::Endings{2, 2}));
  ends(lease::Outcome::not_ready);
  ends(lease::Outcome::host_dark);
  ends(lease::Outcome::stopped_by_host);
  EXPECT_EQ(endings(), (market::search::Endings{5, 2}));
  EXPECT_EQ(endings().kept_bps(), 4'000u);
  // These say nothing of the host: the last is a lease that somebody else opened at its address.
  ends(lease::Outcome::cancelled);
  ends(lease::Outcome::never_paid);
  ends(lease::Outcome::not_ready, false);
  EXPECT_EQ(endings().count, 5u);
  for (int i = 0; i < 100; ++i) ends(lease::Outcome::ran_to_the_end);
  EXPECT_EQ(endings(), (market::search::Endings{100, 100}));
}

TEST_F(DeskTest, ARestartRemembersHoldsAndTimes) {
  ASSERT_TRUE(store.insert_quote(quote_of(1, {"GPU-3"})));
  step(1, life(lease::State::active, 640));
  WatchedStore again(real);
  OfferDesk fresh(again, clock, false);
  ASSERT_TRUE(fresh.load());
  again.tell(fresh.store_events());
  EXPECT_EQ(fresh.shelf()->size(), 0u) << "it has not connected yet";
  fresh.host_connected(host.public_key());
  std::size_t free = 0;
  market::search::LoginTimes times;
  fresh.shelf()->each([&](const market::search::Entry& entry) {
    free += entry.offer.free.size();
    times = entry.logins;
  });
  EXPECT_EQ(free, 3u);
  EXPECT_EQ(times, (market::search::LoginTimes{1, 640, 640}));
}

}  // namespace
}  // namespace obelisk::market_app
