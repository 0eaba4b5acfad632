#include "apps/market/quote_desk.hpp"

#include <gtest/gtest.h>

#include <set>

#include "adapters/fake/key_attestor.hpp"
#include "adapters/fake/memory_refusal_store.hpp"
#include "apps/market/testing.hpp"
#include "core/settlement/settlement.hpp"
#include "core/solana/programs.hpp"

namespace obelisk::market_app {
namespace {

using testing::key;

class Quotes : public ::testing::Test {
 protected:
  Quotes() {
    watched.tell(offers.store_events());
    leases.terms = testing::terms_of(attestor.public_key());
    list(host, 2);
  }
  void list(const base::Keypair& who, std::size_t cards, std::uint64_t price = 1'380'000) {
    auto listing = testing::listing_of(who.public_key(), cards);
    listing.seq += ++listings_;
    listing.micro_usd_per_hour = price;
    ASSERT_TRUE(offers.take_listing(who.public_key(), testing::sign_listing(listing, who)));
    offers.host_connected(who.public_key());
  }
  api::QuoteRequest request() {
    api::QuoteRequest out;
    out.renter = key(50);
    out.card = "rtx-4090";
    out.seconds = 3600;
    out.ssh_key = testing::kSshKey;
    return out;
  }
  // Never the same request twice: that would be the same quote.
  api::QuoteRequest another() {
    api::QuoteRequest out = request();
    out.seconds += ++asked_;
    return out;
  }
  // Of somebody else, from somewhere else.
  base::Result<api::Quote> others() {
    api::QuoteRequest wanted = another();
    wanted.renter = key(static_cast<std::uint8_t>(100 + asked_));
    return desk.create(wanted, "10.0.1." + std::to_string(asked_));
  }
  void becomes(std::size_t at, lease::State state) {
    lease::Record& record = store.records.at(at);
    record.life.state = state;
    ASSERT_TRUE(watched.apply({record.quote.lease, 0, record.life, {}, {}}));
  }
  base::Error error_of(const api::QuoteRequest& wanted) {
    const auto quote = desk.create(wanted, "10.0.0.1");
    EXPECT_FALSE(quote);
    return quote ? base::Error{} : quote.error();
  }

  std::uint32_t asked_ = 0;
  std::uint64_t listings_ = 0;
  testing::TestClock clock;
  testing::TestStore store;
  WatchedStore watched{store};
  testing::TestLeases leases{watched};
  testing::TestChain chain;
  testing::TestPrices prices;
  testing::TestSigner attestor;
  fake::KeyAttestor watch{attestor};
  OfferDesk offers{watched, clock, false};
  Identity identity{key(1), key(2), false};
  QuoteDesk desk{{leases, watched, chain, prices, watch, clock, offers}, identity};
  base::Keypair host = base::Keypair::random();
};

TEST_F(Quotes, ARefusedWalletGetsNone) {
  fake::MemoryRefusalStore list;
  Refusals refusals(list);
  QuoteDesk strict{{leases, store, chain, prices, watch, clock, offers, &refusals}, identity};
  const auto wanted = request();
  ASSERT_TRUE(list.put({wanted.renter, 1, "why"}).ok());
  ASSERT_TRUE(strict.create(request(), "10.0.0.1").ok()) << "not read again yet";
  ASSERT_TRUE(refusals.refresh().ok());
  const auto refused = strict.create(wanted, "10.0.0.1");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, base::Code::forbidden);
  EXPECT_EQ(refused.error().message.find("why"), std::string::npos);
  EXPECT_NE(refused.error().action.find("run go on"), std::string::npos);
  const std::string quoted = store.records.front().quote.id;
  EXPECT_TRUE(strict.again(quoted).ok()) << "what was quoted before holds";
}

TEST_F(Quotes, EverythingInAQuoteSaysTheSame) {
  const auto quote = desk.create(request(), "10.0.0.1");
  ASSERT_TRUE(quote) << quote.error().message;
  const auto terms = market::read_terms(quote->terms);
  ASSERT_TRUE(terms) << terms.error().message;
  EXPECT_TRUE(market::verify_quote(quote->terms, attestor.public_key(), quote->signature));
  EXPECT_EQ(quote->id, base::to_hex(market::terms_hash(quote->terms).view()));
  EXPECT_EQ(terms->lamports_per_hour, 9'857'143u);
  EXPECT_EQ(quote->breakdown.total_lamports.count, 9'857'143u + 2'951'040u + 15'000u);
  EXPECT_EQ(terms->debit.total, quote->breakdown.total_lamports);
  EXPECT_EQ(terms->expires_at, testing::kChainNowS + 60);
  EXPECT_EQ(terms->fee_bps, 250u);
  EXPECT_EQ(terms->market_rev, 7u);
  EXPECT_EQ(terms->max_seconds, 86'400u);
  ASSERT_EQ(terms->cards.size(), 1u);
  EXPECT_EQ(terms->ram_bytes, std::uint64_t{64} << 30);
  EXPECT_EQ(quote->lease,
            settlement::lease_address(identity.program, key(50), terms->nonce).address);

  const auto transaction = solana::decode_transaction_base64(quote->transaction);
  ASSERT_TRUE(transaction);
  EXPECT_EQ(transaction->message().payer(), key(50));
  const auto calls = solana::instructions_of(transaction->message());
  ASSERT_EQ(calls.size(), 2u);
  EXPECT_EQ(solana::compute_budget_of(calls)->unit_limit, 5'100u);
  ASSERT_EQ(store.records.size(), 1u);
  const lease::Quote& record = store.records[0].quote;
  EXPECT_EQ(calls[1], settlement::to_instruction(escrow::encode_open(
                          identity.program, open_of(record, identity.program))));
  EXPECT_EQ(record.id, quote->id);
  EXPECT_EQ(record.lease, quote->lease);
  EXPECT_EQ(record.treasury, key(21));
  EXPECT_EQ(record.gap_limit_s, 180u);
  EXPECT_EQ(record.driver_name, "NVIDIA GeForce RTX 4090");
  EXPECT_EQ(record.remote_address, "10.0.0.1");
  EXPECT_EQ(api::quote_from_json(record.response)->id, quote->id);
}

TEST_F(Quotes, CardsOfAQuoteAreHeld) {
  const auto first = desk.create(another(), "10.0.0.1");
  const auto second = others();
  ASSERT_TRUE(first && second);
  EXPECT_NE(market::read_terms(first->terms)->cards, market::read_terms(second->terms)->cards);
  const auto none = error_of(another());
  EXPECT_EQ(none.code, base::Code::conflict);
  EXPECT_NE(none.message.find("60 s"), std::string::npos) << none.message;
}

TEST_F(Quotes, EachCardBringsItsShareOfTheDisk) {
  const auto disk_of = [&](std::uint32_t count, std::uint64_t gib) {
    auto wanted = another();
    wanted.count = count;
    wanted.disk_bytes = gib << 30;
    const auto quote = desk.create(wanted, "10.0.0.1");
    if (quote) becomes(store.records.size() - 1, lease::State::ended);
    return quote ? quote->disk_bytes >> 30 : 0;
  };
  EXPECT_EQ(disk_of(1, 100), 100u);
  EXPECT_EQ(disk_of(1, 101), 0u);
  EXPECT_EQ(disk_of(2, 200), 200u);
  // A large lease on one card leaves the other's share alone.
  auto large = another();
  large.disk_bytes = std::uint64_t{100} << 30;
  ASSERT_TRUE(desk.create(large, "10.0.0.1"));
  EXPECT_EQ(others()->disk_bytes >> 30, 20u);
}

TEST_F(Quotes, NothingIsSoldThatCannotBeServedOrPaid) {
  const auto holds = [&](const base::PublicKey& who, std::uint64_t lamports) {
    chain.accounts_by_key[who] = ports::Account{{lamports}, {}, {}};
  };
  holds(host.public_key(), 999'999);
  EXPECT_NE(error_of(another()).message.find("0.001 SOL"), std::string::npos);
  holds(host.public_key(), 1'000'000);
  EXPECT_TRUE(desk.create(another(), "10.0.0.1"));
  holds(attestor.public_key(), 9'999'999);
  const auto error = error_of(another());
  EXPECT_NE(error.message.find("out of SOL"), std::string::npos) << error.message;
  EXPECT_NE(error.action.find(attestor.public_key().to_string()), std::string::npos);
}

TEST_F(Quotes, WithoutTheWatchNothingIsSoldAndNoCardIsHeld) {
  watch.away = true;
  const std::size_t before = store.records.size();
  const auto error = error_of(another());
  EXPECT_EQ(error.code, base::Code::unreachable);
  EXPECT_NE(error.message.find("watch does not answer"), std::string::npos) << error.message;
  EXPECT_EQ(store.records.size(), before);
  watch.away = false;
  EXPECT_TRUE(desk.create(another(), "10.0.0.1"));
}

TEST_F(Quotes, WhoLosesTheRaceForACardTriesAgain) {
  leases.conflicts_left = 2;
  EXPECT_TRUE(desk.create(another(), "10.0.0.1"));
  leases.conflicts_left = 100;
  EXPECT_EQ(others().error().code, base::Code::conflict);
}

TEST_F(Quotes, BadRequestsCostNothingAndHoldNothing) {
  auto wanted = request();
  wanted.offer = "0123456789abcdef";
  EXPECT_EQ(error_of(wanted).code, base::Code::invalid_input);
  wanted.card.reset();
  EXPECT_EQ(error_of(wanted).code, base::Code::not_found);
  wanted.offer.reset();
  EXPECT_EQ(error_of(wanted).code, base::Code::invalid_input);
  wanted = request();
  wanted.card = "rtx-9090";
  EXPECT_NE(error_of(wanted).action.find("rtx-4090"), std::string::npos);
  wanted = request();
  wanted.ssh_key = "ssh-ed25519 AAAA";
  EXPECT_EQ(error_of(wanted).code, base::Code::invalid_input);
  wanted = request();
  wanted.max_seconds = 3599;
  EXPECT_EQ(error_of(wanted).code, base::Code::invalid_input);
  wanted = request();
  wanted.max_seconds = 86'401;
  EXPECT_EQ(error_of(wanted).code, base::Code::invalid_input);
  wanted = request();
  wanted.count = 3;
  EXPECT_EQ(error_of(wanted).code, base::Code::not_found);
  wanted = request();
  wanted.renter = attestor.public_key();
  EXPECT_EQ(error_of(wanted).code, base::Code::invalid_input);
  EXPECT_TRUE(store.records.empty());
}

TEST_F(Quotes, ARenterHoldsAtMostThreeUnpaidOnes) {
  list(base::Keypair::random(), 16);
  for (std::size_t i = 0; i < kMaxQuotesPerRenter; ++i) {
    ASSERT_TRUE(desk.create(another(), "10.0.0.1"));
  }
  EXPECT_EQ(error_of(another()).code, base::Code::rate_limited);
  auto other = another();
  other.renter = key(51);
  EXPECT_TRUE(desk.create(other, "10.0.0.1"));
  // One is paid: there is room again.
  store.records[0].life.state = lease::State::preparing;
  EXPECT_TRUE(desk.create(another(), "10.0.0.1"));
  EXPECT_EQ(error_of(another()).code, base::Code::rate_limited);
  leases.now_s += kQuoteLifeS + 1;
  EXPECT_TRUE(desk.create(another(), "10.0.0.1"));
}

TEST_F(Quotes, AnAddressHoldsAtMostTwenty) {
  list(base::Keypair::random(), 32);
  list(base::Keypair::random(), 32);
  for (std::uint8_t i = 0; i < kMaxQuotesPerAddress; ++i) {
    auto wanted = request();
    wanted.renter = key(static_cast<std::uint8_t>(100 + i));
    ASSERT_TRUE(desk.create(wanted, "10.0.0.1"));
  }
  EXPECT_EQ(error_of(request()).code, base::Code::rate_limited);
  EXPECT_TRUE(desk.create(request(), "10.0.0.2"));
}

TEST_F(Quotes, AHostThatCannotBePaidIsPassedOver) {
  chain.every_wallet_funded = false;
  chain.accounts_by_key[attestor.public_key()] = {{1'000'000'000}, {}, {}};
  EXPECT_EQ(error_of(request()).code, base::Code::conflict);
  const auto funded = base::Keypair::random();
  list(funded, 1);
  chain.accounts_by_key[funded.public_key()] = {{1'000'000}, {}, {}};
  const auto quote = desk.create(request(), "10.0.0.1");
  ASSERT_TRUE(quote);
  EXPECT_EQ(quote->host, funded.public_key());
}

TEST_F(Quotes, NobodyRentsFromThemselves) {
  const auto other = base::Keypair::random();
  list(other, 1);
  // `host` has more free cards and so comes first; its own wallet is sent to the other one.
  auto own = request();
  own.renter = host.public_key();
  const auto quote = desk.create(own, "10.0.0.1");
  ASSERT_TRUE(quote) << quote.error().message;
  EXPECT_EQ(quote->host, other.public_key());
  own.seconds += 1;  // another quote, for which only its own cards are left
  EXPECT_EQ(error_of(own).code, base::Code::conflict);
}

TEST_F(Quotes, NothingIsQuotedThatCouldNotBePaid) {
  leases.answers = false;
  EXPECT_EQ(error_of(request()).code, base::Code::unreachable);
  leases.answers = true;
  leases.terms->account.paused = 1;
  EXPECT_EQ(error_of(request()).code, base::Code::conflict);
  leases.terms = testing::terms_of(key(99));
  EXPECT_EQ(error_of(request()).code, base::Code::conflict);
  leases.terms.reset();
  EXPECT_EQ(error_of(request()).code, base::Code::unreachable);
}

TEST_F(Quotes, WhoLooksAndThenPaysGetsTheSameQuote) {
  list(base::Keypair::random(), 8);
  const auto first = desk.create(request(), "10.0.0.1");
  const auto second = desk.create(request(), "10.0.0.1");
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->id, second->id);
  EXPECT_EQ(store.records.size(), 1u);
  EXPECT_NE(desk.create(another(), "10.0.0.1")->id, first->id);
  // Too late to pay in peace: a new one.
  leases.now_s += kQuoteLifeS - kLeastTimeToPayS + 1;
  list(base::Keypair::random(), 8);
  EXPECT_NE(desk.create(request(), "10.0.0.1")->id, first->id);
}

TEST_F(Quotes, AQuoteThatCannotBeServedAnyMoreIsNotGivenAgain) {
  const auto first = desk.create(request(), "10.0.0.1");
  ASSERT_TRUE(first);
  const auto more = base::Keypair::random();
  list(more, 8);
  // The program would refuse terms of an earlier revision.
  leases.terms->account.rev += 1;
  EXPECT_EQ(desk.again(first->id).error().code, base::Code::expired);
  const auto second = desk.create(request(), "10.0.0.1");
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_NE(second->id, first->id);
  // Its host is gone for good.
  offers.host_gone(host.public_key());
  offers.host_gone(more.public_key());
  clock.steady += kHostGraceMs;
  EXPECT_EQ(error_of(request()).code, base::Code::not_found);
}

TEST_F(Quotes, APaidQuoteIsNotGivenAgain) {
  const auto first = desk.create(request(), "10.0.0.1");
  ASSERT_TRUE(first);
  store.records[0].life.state = lease::State::active;
  const auto second = desk.create(request(), "10.0.0.1");
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_NE(second->id, first->id);
}

TEST_F(Quotes, TheSameQuoteComesAgainUntilItIsPaidOrOver) {
  const auto quote = desk.create(request(), "10.0.0.1");
  ASSERT_TRUE(quote);
  const auto again = desk.again(quote->id);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(*again, *quote);
  EXPECT_EQ(desk.again("00").error().code, base::Code::not_found);
  leases.now_s += kQuoteLifeS;
  EXPECT_TRUE(desk.again(quote->id));
  leases.now_s += 1;
  EXPECT_EQ(desk.again(quote->id).error().code, base::Code::expired);
  leases.now_s -= 1;
  store.records[0].life.state = lease::State::active;
  EXPECT_EQ(desk.again(quote->id).error().code, base::Code::conflict);
  store.records[0].life.state = lease::State::ended;
  store.records[0].life.outcome = lease::Outcome::never_paid;
  EXPECT_EQ(desk.again(quote->id).error().code, base::Code::expired);
}

// Whatever happens in the 60 s of a quote, it is paid as it was shown.
TEST_F(Quotes, WhatWasShownIsWhatIsPaid) {
  const auto quote = desk.create(request(), "10.0.0.1");
  ASSERT_TRUE(quote);
  const auto same = [&](QuoteDesk& asked) {
    const auto again = asked.again(quote->id);
    EXPECT_TRUE(again) << (again ? "" : again.error().message);
    EXPECT_TRUE(again && *again == *quote);
  };
  list(host, 2, 9'000'000);
  same(desk);
  prices.micro_usd_per_sol *= 3;
  same(desk);
  list(host, 1);
  same(desk);
  auto empty = testing::listing_of(host.public_key(), 1);
  empty.seq += ++listings_;
  empty.cards.clear();
  ASSERT_TRUE(offers.take_listing(host.public_key(), testing::sign_listing(empty, host)));
  same(desk);
  offers.host_gone(host.public_key());
  clock.steady += kHostGraceMs;
  same(desk);
  // The market's process ends and another begins.
  WatchedStore next_store{store};
  testing::TestLeases next_leases{next_store};
  next_leases.terms = leases.terms;
  OfferDesk next_offers{next_store, clock, false};
  ASSERT_TRUE(next_offers.load());
  QuoteDesk next{{next_leases, next_store, chain, prices, watch, clock, next_offers}, identity};
  same(next);
  next_leases.now_s += kQuoteLifeS;
  same(next);
  next_leases.now_s += 1;
  EXPECT_EQ(next.again(quote->id).error().code, base::Code::expired);
}

TEST_F(Quotes, NobodyElseIsQuotedTheCardsInThatTime) {
  list(base::Keypair::random(), 1);
  std::set<std::string> cards;
  for (int i = 0; i < 3; ++i) {
    const auto quote = others();
    ASSERT_TRUE(quote);
    const auto terms = market::read_terms(quote->terms);
    EXPECT_TRUE(cards.insert(terms->host.to_string() + terms->cards[0].uuid).second);
  }
  EXPECT_EQ(others().error().code, base::Code::conflict);
}

TEST_F(Quotes, AQuoteIsOfCardsOfOneKind) {
  const auto mixed = base::Keypair::random();
  auto listing = testing::listing_of(mixed.public_key(), 6);
  listing.seq += ++listings_;
  listing.micro_usd_per_hour = 500'000;
  for (const std::size_t other : {0u, 2u, 4u}) {
    listing.cards[other].card = "a40";
    listing.cards[other].driver_name = "NVIDIA A40";
    listing.cards[other].memory_bytes = std::uint64_t{46'068} << 20;
  }
  ASSERT_TRUE(offers.take_listing(mixed.public_key(), testing::sign_listing(listing, mixed)));
  offers.host_connected(mixed.public_key());
  auto wanted = another();
  wanted.count = 3;
  const auto quote = desk.create(wanted, "10.0.0.1");
  ASSERT_TRUE(quote) << quote.error().message;
  const auto terms = market::read_terms(quote->terms);
  EXPECT_EQ(terms->host, mixed.public_key()) << "the cheapest with three of them";
  std::vector<std::string> uuids;
  for (const auto& card : terms->cards) uuids.push_back(card.uuid);
  EXPECT_EQ(uuids, (std::vector<std::string>{"GPU-1", "GPU-3", "GPU-5"}));
  wanted = another();
  wanted.card = "a40";
  wanted.count = 4;
  const auto error = error_of(wanted);
  EXPECT_EQ(error.code, base::Code::not_found) << "six cards are there, and only three are alike";
  EXPECT_NE(error.message.find("the most is 3"), std::string::npos) << error.message;
}

TEST_F(Quotes, WhatAnotherProcessTookIsPassedOver) {
  lease::Quote theirs;
  theirs.id = "theirs";
  theirs.lease = key(9);
  theirs.host = host.public_key();
  theirs.card = "rtx-4090";
  theirs.card_uuids = {"GPU-0"};
  theirs.renter = key(90);
  ASSERT_TRUE(store.insert_quote(theirs));
  const auto quote = desk.create(request(), "10.0.0.1");
  ASSERT_TRUE(quote) << quote.error().message;
  EXPECT_EQ(market::read_terms(quote->terms)->cards[0].uuid, "GPU-1");
  EXPECT_EQ(others().error().code, base::Code::conflict);
}

TEST_F(Quotes, FewFreeCardsAreNotHeldByOneWhoDoesNotPay) {
  list(base::Keypair::random(), 5);  // seven in all
  EXPECT_TRUE(desk.create(another(), "10.0.0.1"));
  const auto second = error_of(another());
  EXPECT_EQ(second.code, base::Code::rate_limited) << "a quarter of seven is one";
  EXPECT_NE(second.message.find("rtx-4090"), std::string::npos) << second.message;
  // Other wallets of that address, up to a half of them.
  for (std::uint8_t i = 0; i < 2; ++i) {
    auto wanted = another();
    wanted.renter = key(static_cast<std::uint8_t>(60 + i));
    EXPECT_TRUE(desk.create(wanted, "10.0.0.1")) << int{i};
  }
  auto wanted = another();
  wanted.renter = key(70);
  EXPECT_EQ(error_of(wanted).code, base::Code::rate_limited);
  EXPECT_TRUE(others());
  // What is paid does not count.
  becomes(0, lease::State::preparing);
  EXPECT_TRUE(desk.create(another(), "10.0.0.9"));
}

TEST_F(Quotes, TheOnlyFreeCardCanBeQuoted) {
  ASSERT_TRUE(others());
  EXPECT_TRUE(desk.create(another(), "10.0.0.1"));
  EXPECT_EQ(others().error().code, base::Code::conflict);
}

TEST_F(Quotes, ThePartsAreOfWhatWouldBeFree) {
  EXPECT_TRUE(may_hold(0, 16, 16, kWalletsPart)) << "the first is always made";
  EXPECT_FALSE(may_hold(1, 1, 6, kWalletsPart));
  EXPECT_TRUE(may_hold(1, 1, 7, kWalletsPart));
  EXPECT_FALSE(may_hold(2, 1, 9, kWalletsPart));
  EXPECT_TRUE(may_hold(2, 1, 10, kWalletsPart));
  EXPECT_TRUE(may_hold(1, 1, 3, kAddressesPart));
  EXPECT_FALSE(may_hold(1, 1, 2, kAddressesPart));
}

TEST_F(Quotes, ARestartForgetsNeitherTheBoundsNorTheQuote) {
  const auto asked = another();
  const auto first = desk.create(asked, "10.0.0.1");
  ASSERT_TRUE(first);
  WatchedStore next_store{store};
  testing::TestLeases next_leases{next_store};
  next_leases.terms = leases.terms;
  OfferDesk next_offers{next_store, clock, false};
  ASSERT_TRUE(next_offers.load());
  next_offers.host_connected(host.public_key());
  QuoteDesk next{{next_leases, next_store, chain, prices, watch, clock, next_offers}, identity};
  EXPECT_EQ(next.create(asked, "10.0.0.1")->id, first->id) << "the same words, the same quote";
  auto larger = asked;
  larger.disk_bytes = std::uint64_t{90} << 30;
  EXPECT_FALSE(next.create(larger, "10.0.0.1")) << "other words, another quote";
  const auto second = next.create(another(), "10.0.0.1");
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, base::Code::rate_limited);
}

// Hosts without a lamport, cheaper than everybody, must not stand before those who can be rented.
TEST_F(Quotes, HostsThatCannotBePaidSpoilNoCard) {
  for (int i = 0; i < 40; ++i) {
    const base::Keypair cheap = base::Keypair::random();
    list(cheap, 1, 100'000);
    chain.accounts_by_key[cheap.public_key()] = {};
  }
  const auto quote = desk.create(request(), "10.0.0.1");
  ASSERT_TRUE(quote) << quote.error().message;
  EXPECT_EQ(quote->host, host.public_key());
}

TEST_F(Quotes, WhatIsCheapestInAllIsQuoted) {
  const base::Keypair bait = base::Keypair::random();
  auto listing = testing::listing_of(bait.public_key(), 2);
  listing.micro_usd_per_hour = 1'370'000;  // a cent less, and the disk as dear as can be
  listing.micro_usd_per_gb_month = 1'000'000;
  ASSERT_TRUE(offers.take_listing(bait.public_key(), testing::sign_listing(listing, bait)));
  offers.host_connected(bait.public_key());
  auto wanted = request();
  wanted.disk_bytes = 100'000'000'000;
  EXPECT_EQ(desk.create(wanted, "10.0.0.1")->host, host.public_key());
}

// At a low price of SOL the dearest listings pass the program's highest rate.
TEST_F(Quotes, APriceThatFitsNoLeaseSpoilsNoCard) {
  prices.micro_usd_per_sol = 1'000'000;
  const base::Keypair bait = base::Keypair::random();
  list(bait, 2, 999'000'000);
  auto two = request();
  two.count = 2;
  const auto quote = desk.create(two, "10.0.0.1");
  ASSERT_TRUE(quote) << quote.error().message;
  EXPECT_EQ(quote->host, host.public_key());
}

TEST_F(Quotes, OneThatIsGivenUpMakesRoom) {
  const auto first = desk.create(request(), "10.0.0.1");
  ASSERT_TRUE(first);
  // Two cards in all: a second quote of the same wallet would hold the last one.
  EXPECT_EQ(error_of(another()).code, base::Code::rate_limited);
  ASSERT_TRUE(desk.give_up(first->id, {}, "10.0.0.1"));
  EXPECT_EQ(desk.again(first->id).error().message, "This quote was given up.");
  EXPECT_TRUE(desk.give_up(first->id, {}, "10.0.0.1")) << "twice is once";
  const auto second = desk.create(another(), "10.0.0.1");
  ASSERT_TRUE(second) << second.error().message;
  ASSERT_TRUE(desk.give_up(second->id, key(50), "10.9.9.9")) << "its renter, from anywhere";
  const auto third = desk.create(request(), "10.0.0.1");
  ASSERT_TRUE(third);
  EXPECT_NE(third->id, first->id) << "the same request gets another one";
}

// The id stands in the payment, which others see before it lands.
TEST_F(Quotes, NobodyElseGivesItUp) {
  const auto quote = desk.create(request(), "10.0.0.1");
  ASSERT_TRUE(quote);
  EXPECT_EQ(desk.give_up(quote->id, {}, "10.0.0.2").error().code, base::Code::forbidden);
  EXPECT_EQ(desk.give_up(quote->id, key(51), "10.0.0.1").error().code, base::Code::forbidden);
  EXPECT_EQ(store.records.at(0).life.state, lease::State::quoted);
  // Behind a proxy that was not named, everybody comes from this machine.
  const auto local = desk.create(another(), "127.0.0.1");
  if (local) {
    EXPECT_EQ(desk.give_up(local->id, {}, "127.0.0.1").error().code, base::Code::forbidden);
  }
}

TEST_F(Quotes, OneThatWasGivenTwiceIsLeftToExpire) {
  const auto quote = desk.create(request(), "10.0.0.1");
  ASSERT_TRUE(quote);
  ASSERT_EQ(desk.create(request(), "10.0.0.1")->id, quote->id) << "somebody else may pay it";
  EXPECT_EQ(desk.give_up(quote->id, {}, "10.0.0.1").error().code, base::Code::conflict);
}

TEST_F(Quotes, GivingUpInALoopIsBounded) {
  list(host, 16);
  for (std::size_t i = 0; i < kMaxGivenUpPerAddress; ++i) {
    const auto quote = desk.create(another(), "10.0.0.1");
    ASSERT_TRUE(quote) << quote.error().message;
    ASSERT_TRUE(desk.give_up(quote->id, {}, "10.0.0.1"));
  }
  const auto quote = desk.create(another(), "10.0.0.1");
  ASSERT_TRUE(quote);
  EXPECT_EQ(desk.give_up(quote->id, {}, "10.0.0.1").error().code, base::Code::rate_limited);
  clock.steady += 61'000;
  EXPECT_TRUE(desk.give_up(quote->id, {}, "10.0.0.1"));
}

TEST_F(Quotes, APaidOneAndAnUnknownOneAreNotGivenUp) {
  const auto quote = desk.create(request(), "10.0.0.1");
  ASSERT_TRUE(quote);
  becomes(0, lease::State::preparing);
  const auto paid = desk.give_up(quote->id, {}, "10.0.0.1");
  ASSERT_FALSE(paid);
  EXPECT_EQ(paid.error().code, base::Code::conflict);
  EXPECT_EQ(store.records.at(0).life.state, lease::State::preparing);
  EXPECT_EQ(desk.give_up("nothing", {}, "10.0.0.1").error().code, base::Code::not_found);
}

}  // namespace
}  // namespace obelisk::market_app
