// A store that writes and then fails to say so, as a database server does that goes away between a
// commit and its answer. Nothing that was written may be lost to the engine for it.
#include <gtest/gtest.h>

#include "adapters/fake/fake_clock.hpp"
#include "adapters/fake/memory_store.hpp"
#include "apps/market/engine/lease_book.hpp"
#include "apps/market/engine/subscribers.hpp"
#include "core/lease/testing.hpp"

namespace obelisk::engine {
namespace {

using lease::testing::key;

class LossyStore final : public fake::MemoryStore {
 public:
  bool loses_answers = false;
  bool is_away = false;

  base::Result<void> insert_quote(const lease::Quote& quote) override {
    return answer(MemoryStore::insert_quote(quote));
  }
  base::Result<std::optional<std::vector<ports::LeaseEventRow>>> apply(
      const ports::LeaseWrite& write) override {
    return answer(MemoryStore::apply(write));
  }
  base::Result<std::optional<lease::Record>> by_lease(const base::PublicKey& lease) override {
    if (is_away) return lost();
    return MemoryStore::by_lease(lease);
  }
  base::Result<std::vector<ports::LeaseEventRow>> events_after(const base::PublicKey& lease,
                                                               std::uint64_t seq) override {
    if (is_away) return lost();
    return MemoryStore::events_after(lease, seq);
  }

 private:
  static base::Error lost() { return {base::Code::unreachable, "the server went away", "", 0}; }
  template <class T>
  base::Result<T> answer(base::Result<T> real) {
    if (loses_answers) return lost();
    return real;
  }
};

class LostAnswerTest : public ::testing::Test {
 protected:
  LeaseBook book_{{store_, clock_, [](const lease::Record&) { return lease::Context{}; },
                   [this](const auto&, const lease::Record&) { ++published_; },
                   [this](const ports::OutboxRow& row) { work_.push_back(row.kind); },
                   [this](const base::PublicKey& lease) { written_.push_back(lease); },
                   Log([](const std::string&) {})}};

  lease::Event seen() const { return lease::Seen{lease::testing::account_of(quote_), 5}; }

  LossyStore store_;
  fake::FakeClock clock_;
  lease::Quote quote_ = lease::testing::make_quote();
  std::vector<std::string> work_;
  std::vector<base::PublicKey> written_;
  int published_ = 0;
};

TEST_F(LostAnswerTest, WorkThatWasWrittenIsDoneOnce) {
  ASSERT_TRUE(book_.insert(quote_).ok());
  store_.loses_answers = true;
  EXPECT_EQ(book_.handle(quote_.lease, seen()), LeaseBook::Handled::store_failed);
  EXPECT_TRUE(work_.empty()) << "nobody knows yet that it is written";
  store_.is_away = true;
  EXPECT_EQ(book_.handle(quote_.lease, seen()), LeaseBook::Handled::store_failed);
  store_.is_away = store_.loses_answers = false;
  EXPECT_EQ(book_.handle(quote_.lease, seen()), LeaseBook::Handled::yes);
  EXPECT_EQ(work_, std::vector<std::string>{"tell_host"});
  EXPECT_EQ(written_, std::vector{quote_.lease});
  EXPECT_EQ(published_, 0);
  EXPECT_EQ(book_.find(quote_.lease)->life.state, lease::State::preparing);
  EXPECT_EQ(book_.find(quote_.lease)->life.version, 1u);
}

// The next event need not be the one whose answer was lost.
TEST_F(LostAnswerTest, TheNextEventOfThatLeaseFindsIt) {
  ASSERT_TRUE(book_.insert(quote_).ok());
  store_.loses_answers = true;
  EXPECT_EQ(book_.handle(quote_.lease, seen()), LeaseBook::Handled::store_failed);
  store_.loses_answers = false;
  EXPECT_EQ(book_.handle(quote_.lease, lease::Tick{}), LeaseBook::Handled::yes);
  EXPECT_EQ(work_, std::vector<std::string>{"tell_host"});
}

TEST_F(LostAnswerTest, AQuoteThatWasWrittenIsFollowedToItsEnd) {
  store_.loses_answers = true;
  EXPECT_FALSE(book_.insert(quote_).ok());
  EXPECT_TRUE(book_.live_addresses().empty());
  store_.loses_answers = false;
  book_.look_for_lost_quotes();
  EXPECT_EQ(book_.live_addresses(), std::vector{quote_.lease})
      << "else its cards are held for ever";
  EXPECT_EQ(book_.live_of(quote_.host), std::vector{quote_.lease});
}

class ReadersTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(store_.insert_quote(quote_).ok());
    write(3);
  }
  void write(int events) {
    ports::LeaseWrite step{quote_.lease, version_++, {}, {}, {}};
    for (int i = 0; i < events; ++i) step.events.push_back({0, quote_.lease, 0, "kind", "words"});
    const auto rows = store_.apply(step);
    ASSERT_TRUE(rows.ok() && *rows);
    subscribers_.publish(**rows, {quote_, {}});
  }

  LossyStore store_;
  lease::Quote quote_ = lease::testing::make_quote();
  std::uint64_t version_ = 0;
  Subscribers subscribers_{store_};
};

TEST_F(ReadersTest, AStoreThatIsAwayLeavesNoGap) {
  std::vector<std::uint64_t> heard;
  store_.is_away = true;
  const auto reader = subscribers_.add(quote_.lease, 0, [&](const api::LeaseEvent& event) {
    heard.push_back(event.seq);
    return Leases::Heard::yes;
  });
  subscribers_.pump();
  write(1);
  subscribers_.pump();
  EXPECT_TRUE(heard.empty()) << "a later event must not come before those that were";
  store_.is_away = false;
  subscribers_.pump();
  EXPECT_EQ(heard, (std::vector<std::uint64_t>{1, 2, 3, 4}));
}

TEST_F(ReadersTest, WhoTakesNoMoreNowGetsTheRestLater) {
  std::vector<std::uint64_t> heard;
  std::size_t room = 2;
  const auto reader = subscribers_.add(quote_.lease, 0, [&](const api::LeaseEvent& event) {
    if (heard.size() >= room) return Leases::Heard::later;
    heard.push_back(event.seq);
    return Leases::Heard::yes;
  });
  subscribers_.pump();
  EXPECT_EQ(heard.size(), 2u);
  write(2);
  subscribers_.pump();
  room = 4;
  subscribers_.pump();
  room = 99;
  subscribers_.pump();
  EXPECT_EQ(heard, (std::vector<std::uint64_t>{1, 2, 3, 4, 5}));
}

TEST_F(ReadersTest, WhoIsGoneIsAskedNothingMore) {
  int asked = 0;
  const auto reader = subscribers_.add(quote_.lease, 0, [&](const api::LeaseEvent&) {
    ++asked;
    return Leases::Heard::gone;
  });
  subscribers_.pump();
  write(5);
  subscribers_.pump();
  EXPECT_EQ(asked, 1);
}

}  // namespace
}  // namespace obelisk::engine
