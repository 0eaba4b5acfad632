#include "store_suite.hpp"

#include <thread>

namespace obelisk::conformance {
namespace {

using lease::testing::key;
using lease::testing::make_quote;

// Gives every field a value of its own, so that a swapped or forgotten column is seen.
struct Fill {
  int n = 1;
  template <class T>
  void operator()(const char*, T& value) {
    put(value);
  }
  void put(std::string& text) { text = "text 'x' \"y\" é " + std::to_string(n++); }
  template <std::size_t N, class Tag>
  void put(base::FixedBytes<N, Tag>& bytes) {
    bytes.bytes.fill(static_cast<std::uint8_t>(n++));
  }
  void put(bool& value) { value = true; }
  void put(base::Lamports& amount) { put(amount.count); }
  template <class T>
    requires std::is_integral_v<T>
  void put(T& value) {
    // As large as it gets: a u64 must survive a store of signed integers.
    value = static_cast<T>(static_cast<T>(~T{0}) - static_cast<T>(n++));
  }
  template <class T>
    requires std::is_enum_v<T>
  void put(T& value) {
    value = static_cast<T>(2);
  }
  void put(std::vector<std::string>& lines) {
    lines = {"GPU-" + std::to_string(n++), "GPU-" + std::to_string(n++)};
  }
  void put(lease::SshAccess& ssh) {
    put(ssh.address);
    put(ssh.port);
    put(ssh.user);
    put(ssh.host_key);
    put(ssh.host_key_signature);
  }
  void put(lease::Attestation& attestation) {
    put(attestation.alive_until);
    put(attestation.signature);
  }
  template <class T>
  void put(std::optional<T>& value) {
    put(value.emplace());
  }
};

ports::LeaseWrite write_of(const lease::Record& record) {
  return {record.quote.lease, record.life.version, record.life, {}, {}};
}

TEST_P(StoreSuite, KeepsEveryFieldOfARecord) {
  lease::Record full;
  Fill fill;
  lease::each_quote_field(full.quote, std::ref(fill));
  ASSERT_TRUE(store_->insert_quote(full.quote).ok());
  EXPECT_EQ(get(full.quote.lease), (lease::Record{full.quote, {}}));

  lease::each_life_field(full.life, std::ref(fill));
  ports::LeaseWrite write = write_of(full);
  write.expected_version = 0;
  auto applied = store_->apply(write);
  ASSERT_TRUE(applied.ok() && *applied);
  full.life.version = 1;
  EXPECT_EQ(get(full.quote.lease), full);
  auto by_quote = store_->by_quote(full.quote.id);
  ASSERT_TRUE(by_quote.ok() && *by_quote);
  EXPECT_EQ(**by_quote, full);
}

TEST_P(StoreSuite, KnowsNothingItWasNotTold) {
  EXPECT_FALSE(store_->by_lease(key(9)).value().has_value());
  EXPECT_FALSE(store_->by_quote("none").value().has_value());
  EXPECT_TRUE(store_->not_ended().value().empty());
  EXPECT_TRUE(store_->listings().value().empty());
  EXPECT_FALSE(store_->outbox_next_due_ms().value().has_value());
  EXPECT_TRUE(store_->outbox_done("none").ok());
}

TEST_P(StoreSuite, TheSameLeaseOrQuoteIsAConflict) {
  const lease::Quote first = make_quote(1);
  ASSERT_TRUE(store_->insert_quote(first).ok());
  lease::Quote same_lease = make_quote(2);
  same_lease.lease = first.lease;
  EXPECT_EQ(store_->insert_quote(same_lease).error().code, base::Code::conflict);
  lease::Quote same_id = make_quote(3);
  same_id.id = first.id;
  EXPECT_EQ(store_->insert_quote(same_id).error().code, base::Code::conflict);
  // What was refused holds nothing.
  EXPECT_EQ(store_->held_cards().value().size(), 1u);
}

TEST_P(StoreSuite, ACardIsHeldOnceUntilTheEnd) {
  lease::Quote first = make_quote(1);
  first.card_uuids = {"a", "b"};
  ASSERT_TRUE(store_->insert_quote(first).ok());
  lease::Quote second = make_quote(2);
  second.card_uuids = {"c", "b"};
  EXPECT_EQ(store_->insert_quote(second).error().code, base::Code::conflict);
  EXPECT_FALSE(store_->by_lease(second.lease).value().has_value());
  EXPECT_EQ(store_->held_cards().value().size(), 2u) << "c is not held by what was refused";
  // Another host's card of the same name is another card.
  lease::Quote elsewhere = second;
  elsewhere.host = key(77);
  EXPECT_TRUE(store_->insert_quote(elsewhere).ok());

  lease::Record record = get(first.lease);
  record.life.state = lease::State::contested;
  ASSERT_TRUE(*store_->apply(write_of(record)));
  EXPECT_EQ(store_->held_cards().value().size(), 4u);
  record = get(first.lease);
  record.life.state = lease::State::ended;
  ASSERT_TRUE(*store_->apply(write_of(record)));
  EXPECT_EQ(store_->held_cards().value().size(), 2u);
  second.lease = key(55);
  second.id = "another";
  EXPECT_TRUE(store_->insert_quote(second).ok());
}

TEST_P(StoreSuite, AStaleWriterWritesNothing) {
  const lease::Quote quote = make_quote();
  ASSERT_TRUE(store_->insert_quote(quote).ok());
  const lease::Record before = get(quote.lease);
  ports::LeaseWrite first = write_of(before);
  first.life.message = "first";
  first.events = {{0, quote.lease, 5, "kind", "words"}};
  first.effects = {{"id-1", quote.lease, "log_in", "{}", 10, 0}};
  ASSERT_TRUE(*store_->apply(first));

  ports::LeaseWrite stale = write_of(before);
  stale.life.message = "stale";
  stale.life.state = lease::State::ended;
  stale.events = {{0, quote.lease, 6, "kind", "stale"}};
  stale.effects = {{"id-2", quote.lease, "log_in", "{}", 10, 0}};
  auto refused = store_->apply(stale);
  ASSERT_TRUE(refused.ok());
  EXPECT_FALSE(refused->has_value());
  EXPECT_EQ(get(quote.lease).life.message, "first");
  EXPECT_EQ(get(quote.lease).life.version, 1u);
  EXPECT_EQ(store_->events_after(quote.lease, 0).value().size(), 1u);
  EXPECT_EQ(store_->outbox_due(100, 10).value().size(), 1u);
  EXPECT_EQ(store_->held_cards().value().size(), 1u);
}

TEST_P(StoreSuite, OnlyOneOfManyWritersWins) {
  const lease::Quote quote = make_quote();
  ASSERT_TRUE(store_->insert_quote(quote).ok());
  const lease::Record before = get(quote.lease);
  std::atomic<int> won = 0;
  std::vector<std::thread> writers;
  for (int i = 0; i < 8; ++i) {
    writers.emplace_back([&, i] {
      ports::LeaseWrite write = write_of(before);
      write.life.message = std::to_string(i);
      const auto applied = store_->apply(write);
      if (applied.ok() && applied->has_value()) ++won;
    });
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(won, 1);
}

TEST_P(StoreSuite, EventsAreNumberedAndFilteredByLease) {
  ASSERT_TRUE(store_->insert_quote(make_quote(1)).ok());
  ASSERT_TRUE(store_->insert_quote(make_quote(2)).ok());
  std::uint64_t last = 0;
  for (int round = 0; round < 3; ++round) {
    for (const std::uint8_t which : {std::uint8_t{1}, std::uint8_t{2}}) {
      const lease::Record record = get(make_quote(which).lease);
      ports::LeaseWrite write = write_of(record);
      write.events = {{0, write.lease, round, "a", "one"}, {0, write.lease, round, "b", "two"}};
      auto numbered = store_->apply(write);
      ASSERT_TRUE(numbered.ok() && *numbered);
      for (const auto& event : **numbered) {
        EXPECT_GT(event.seq, last);
        last = event.seq;
      }
    }
  }
  auto mine = store_->events_after(make_quote(1).lease, 0).value();
  ASSERT_EQ(mine.size(), 6u);
  EXPECT_EQ(mine[1].kind, "b");
  EXPECT_EQ(mine[1].message, "two");
  EXPECT_EQ(store_->events_after(make_quote(1).lease, mine[3].seq).value().size(), 2u);
  EXPECT_TRUE(store_->events_after(make_quote(1).lease, last).value().empty());
}

TEST_P(StoreSuite, OutboxGivesWorkUntilItIsDone) {
  const lease::Quote quote = make_quote();
  ASSERT_TRUE(store_->insert_quote(quote).ok());
  ports::LeaseWrite write = write_of(get(quote.lease));
  write.effects = {{"late", quote.lease, "log_in", "p1", 300, 0},
                   {"soon", quote.lease, "attest", "p2", 100, 0}};
  ASSERT_TRUE(*store_->apply(write));
  EXPECT_EQ(store_->outbox_next_due_ms().value(), 100);
  EXPECT_TRUE(store_->outbox_due(99, 10).value().empty());
  ASSERT_EQ(store_->outbox_due(100, 10).value().size(), 1u);
  const auto both = store_->outbox_due(1000, 10).value();
  ASSERT_EQ(both.size(), 2u);
  EXPECT_EQ(both[0], (ports::OutboxRow{"soon", quote.lease, "attest", "p2", 100, 0}));
  EXPECT_EQ(store_->outbox_due(1000, 1).value().size(), 1u);

  ASSERT_TRUE(store_->outbox_retry("soon", 500).ok());
  const auto again = store_->outbox_due(1000, 10).value();
  EXPECT_EQ(again[1].id, "soon");
  EXPECT_EQ(again[1].attempts, 1u);
  EXPECT_EQ(again[1].due_ms, 500);
  // The same id is the same work.
  ports::LeaseWrite repeat = write_of(get(quote.lease));
  repeat.effects = {{"soon", quote.lease, "attest", "other", 1, 0}};
  ASSERT_TRUE(*store_->apply(repeat));
  EXPECT_EQ(store_->outbox_due(1000, 10).value()[1].payload, "p2");
  ASSERT_TRUE(store_->outbox_done("soon").ok());
  ASSERT_TRUE(store_->outbox_done("late").ok());
  EXPECT_EQ(store_->outbox_sent("late", solana::Attempt{{1}, 2}).error().code,
            base::Code::not_found);
  EXPECT_TRUE(store_->outbox_due(1000, 10).value().empty());
}

TEST_P(StoreSuite, OutboxRemembersWhatWasSentLast) {
  const lease::Quote quote = make_quote();
  ASSERT_TRUE(store_->insert_quote(quote).ok());
  ports::LeaseWrite write = write_of(get(quote.lease));
  write.effects = {{"pay", quote.lease, "settle_end", "", 1, 0}};
  ASSERT_TRUE(*store_->apply(write));
  EXPECT_FALSE(store_->outbox_due(10, 10).value().at(0).sent);
  const solana::Attempt first{{1, 2, 0, 255}, 77};
  const solana::Attempt second{base::Bytes(1232, 9), UINT64_MAX};
  for (const solana::Attempt& attempt : {first, second}) {
    ASSERT_TRUE(store_->outbox_sent("pay", attempt).ok());
    EXPECT_EQ(store_->outbox_due(10, 10).value().at(0).sent, attempt);
  }
  ASSERT_TRUE(store_->outbox_retry("pay", 5).ok());
  EXPECT_EQ(store_->outbox_due(10, 10).value().at(0).sent, second) << "a retry forgets nothing";
  ASSERT_TRUE(store_->outbox_sent("pay", std::nullopt).ok());
  EXPECT_FALSE(store_->outbox_due(10, 10).value().at(0).sent);
}

TEST_P(StoreSuite, ListsByRenterAndByEnd) {
  for (std::uint8_t i = 1; i <= 4; ++i) {
    lease::Quote quote = make_quote(i);
    quote.created_ms = i;
    ASSERT_TRUE(store_->insert_quote(quote).ok());
    if (i == 4) continue;  // stays a quote
    lease::Record record = get(quote.lease);
    record.life.state = i == 3 ? lease::State::active : lease::State::ended;
    record.life.outcome = i == 1 ? lease::Outcome::never_paid : lease::Outcome::stopped_by_renter;
    record.life.ended_ms = 100 - i;
    ASSERT_TRUE(*store_->apply(write_of(record)));
  }
  const auto mine = store_->by_renter(make_quote().renter, {}, 10).value();
  ASSERT_EQ(mine.size(), 2u) << "neither the quote nor the one nobody paid";
  EXPECT_EQ(mine[0].quote.nonce, 3u);
  EXPECT_EQ(mine[1].quote.nonce, 2u);
  EXPECT_EQ(store_->by_renter(make_quote().renter, {}, 1).value().size(), 1u);
  EXPECT_TRUE(store_->by_renter(key(99), {}, 10).value().empty());
  const auto ended = store_->ended({10}).value();
  ASSERT_EQ(ended.size(), 1u);
  EXPECT_EQ(ended[0].quote.nonce, 2u);
  EXPECT_EQ(store_->not_ended().value().size(), 2u);
}

TEST_P(StoreSuite, ListsWhatOneHostServed) {
  for (std::uint8_t i = 1; i <= 5; ++i) {
    lease::Quote quote = make_quote(i);
    quote.host = key(i % 2 == 0 ? 70 : 71);
    ASSERT_TRUE(store_->insert_quote(quote).ok());
    lease::Record record = get(quote.lease);
    record.life.state = lease::State::ended;
    record.life.outcome = lease::Outcome::stopped_by_renter;
    record.life.ended_ms = 100 + i;
    ASSERT_TRUE(*store_->apply(write_of(record)));
  }
  const auto of = [&](std::uint8_t host, const std::optional<ports::ListPlace>& after) {
    std::vector<std::uint64_t> out;
    const auto found = store_->ended({10, after, key(host)}).value();
    for (const auto& record : found) {
      out.push_back(record.quote.nonce);
    }
    return out;
  };
  EXPECT_EQ(of(71, {}), (std::vector<std::uint64_t>{5, 3, 1}));
  EXPECT_EQ(of(70, {}), (std::vector<std::uint64_t>{4, 2}));
  EXPECT_EQ(of(71, ports::ListPlace{105, make_quote(5).lease.to_string()}),
            (std::vector<std::uint64_t>{3, 1}));
  EXPECT_TRUE(of(72, {}).empty());
}

TEST_P(StoreSuite, EndedLeasesGoOnWhereAPageStopped) {
  for (std::uint8_t i = 1; i <= 7; ++i) {
    ASSERT_TRUE(store_->insert_quote(make_quote(i)).ok());
    lease::Record record = get(make_quote(i).lease);
    record.life.state = lease::State::ended;
    record.life.outcome = lease::Outcome::stopped_by_renter;
    record.life.ended_ms = 100 + i / 3;  // several in one millisecond
    ASSERT_TRUE(*store_->apply(write_of(record)));
  }
  const auto whole = store_->ended({100}).value();
  ASSERT_EQ(whole.size(), 7u);
  std::vector<lease::Record> paged;
  std::optional<ports::ListPlace> place;
  while (true) {
    const auto page = store_->ended({2, place}).value();
    if (page.empty()) break;
    paged.insert(paged.end(), page.begin(), page.end());
    place = {page.back().life.ended_ms, page.back().quote.lease.to_string()};
  }
  EXPECT_EQ(paged, whole);
}

TEST_P(StoreSuite, SaysWhatAWalletOrAnAddressHoldsUnpaid) {
  const auto add = [&](std::uint8_t n, std::uint8_t renter, const char* address, bool paid) {
    lease::Quote quote = make_quote(n);
    quote.renter = key(renter);
    quote.remote_address = address;
    quote.card = "a40";
    quote.count = 2;
    quote.expires_at_s = 1000 - n;
    ASSERT_TRUE(store_->insert_quote(quote).ok());
    if (!paid) return;
    lease::Record record = get(quote.lease);
    record.life.state = lease::State::preparing;
    ASSERT_TRUE(*store_->apply(write_of(record)));
  };
  add(1, 50, "10.0.0.1", false);
  add(2, 50, "10.0.0.2", false);
  add(3, 51, "10.0.0.1", false);
  add(4, 51, "10.0.0.3", false);
  add(5, 50, "10.0.0.1", true);
  const auto ids = [&](std::uint8_t renter, const char* address) {
    std::vector<std::string> out;
    const auto quotes = store_->open_quotes(key(renter), address).value();
    for (const auto& quote : quotes) out.push_back(quote.id);
    return out;
  };
  using Ids = std::vector<std::string>;
  EXPECT_EQ(ids(50, "10.0.0.1"), (Ids{make_quote(1).id, make_quote(2).id, make_quote(3).id}));
  EXPECT_EQ(ids(51, "nowhere"), (Ids{make_quote(3).id, make_quote(4).id}));
  EXPECT_EQ(ids(52, "10.0.0.3"), (Ids{make_quote(4).id}));
  EXPECT_TRUE(ids(52, "").empty());
  const auto one = store_->open_quotes(key(52), "10.0.0.3").value().at(0);
  EXPECT_EQ(one, (ports::OpenQuote{make_quote(4).id, key(51), "10.0.0.3", "a40", 2, 996}));
}

TEST_P(StoreSuite, PagesOfARentersLeasesJoinWithoutGap) {
  for (std::uint8_t i = 1; i <= 5; ++i) {
    lease::Quote quote = make_quote(i);
    quote.created_ms = i < 3 ? 10 : 20;  // several at the same time
    ASSERT_TRUE(store_->insert_quote(quote).ok());
    lease::Record record = get(quote.lease);
    record.life.state = lease::State::active;
    ASSERT_TRUE(*store_->apply(write_of(record)));
  }
  const auto all = store_->by_renter(make_quote().renter, {}, 10).value();
  ASSERT_EQ(all.size(), 5u);
  std::vector<lease::Record> paged;
  std::optional<ports::ListPlace> after;
  for (int page = 0; page < 3; ++page) {
    const auto part = store_->by_renter(make_quote().renter, after, 2).value();
    paged.insert(paged.end(), part.begin(), part.end());
    after = {paged.back().quote.created_ms, paged.back().quote.lease.to_string()};
  }
  EXPECT_EQ(paged, all);
  EXPECT_TRUE(store_->by_renter(make_quote().renter, after, 2).value().empty());
}

TEST_P(StoreSuite, ForgetsOldUnpaidQuotesAlone) {
  for (std::uint8_t i = 1; i <= 4; ++i) {
    ASSERT_TRUE(store_->insert_quote(make_quote(i)).ok());
    if (i == 4) continue;  // still a quote
    lease::Record record = get(make_quote(i).lease);
    record.life.state = lease::State::ended;
    record.life.outcome = i == 1 ? lease::Outcome::not_ready : lease::Outcome::never_paid;
    record.life.ended_ms = i == 3 ? 2000 : 1000;
    ports::LeaseWrite write = write_of(record);
    write.events = {{0, write.lease, 1, "never_paid", "words"}};
    write.effects = {{std::to_string(i), write.lease, "tell_host", "", 1, 0}};
    ASSERT_TRUE(*store_->apply(write));
  }
  EXPECT_EQ(store_->forget_unpaid(2000).value(), 1u);
  EXPECT_FALSE(store_->by_lease(make_quote(2).lease).value().has_value());
  EXPECT_TRUE(store_->events_after(make_quote(2).lease, 0).value().empty());
  for (const std::uint8_t kept : {std::uint8_t{1}, std::uint8_t{3}, std::uint8_t{4}}) {
    EXPECT_TRUE(store_->by_lease(make_quote(kept).lease).value().has_value());
  }
  EXPECT_EQ(store_->forget_unpaid(2000).value(), 0u);
  // What is forgotten can come again, and its events get numbers of their own.
  EXPECT_TRUE(store_->insert_quote(make_quote(2)).ok());
}

TEST_P(StoreSuite, OnlyANewerListingIsTaken) {
  ports::ListingRow listing{key(1), "first", {}, 10};
  EXPECT_TRUE(store_->put_listing(listing).value());
  EXPECT_FALSE(store_->put_listing({key(1), "same seq", {}, 10}).value());
  EXPECT_FALSE(store_->put_listing({key(1), "older", {}, 9}).value());
  EXPECT_TRUE(store_->put_listing({key(2), "other host", {}, 1}).value());
  listing.text = "newer";
  listing.seq = 11;
  listing.signature.bytes.fill(7);
  EXPECT_TRUE(store_->put_listing(listing).value());
  const auto all = store_->listings().value();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_TRUE(all[0] == listing || all[1] == listing);
}

TEST_P(StoreSuite, CountersCount) {
  EXPECT_EQ(store_->add_to_counter("a", 0).value(), 0u);
  EXPECT_EQ(store_->add_to_counter("a", 3).value(), 3u);
  EXPECT_EQ(store_->add_to_counter("a", 4).value(), 7u);
  EXPECT_EQ(store_->add_to_counter("b", 1).value(), 1u);
}

INSTANTIATE_TEST_SUITE_P(Stores, StoreSuite, ::testing::ValuesIn(stores_drivers()),
                         [](const auto& driver) { return std::string(driver.param.name); });

}  // namespace
}  // namespace obelisk::conformance
