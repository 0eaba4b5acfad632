// What every HistoryStore must do, whichever one it is.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "core/lease/testing.hpp"
#include "stores_drivers.hpp"

namespace obelisk::conformance {
namespace {

using market::history::kSlotMs;
using market::history::Login;
using market::history::Sample;

constexpr base::UnixMillis kNoon = 1'795'003'200'000;
const market::CardKind kA40{"a40", false};

class HistorySuite : public ::testing::TestWithParam<StoresDriver> {
 protected:
  void SetUp() override {
    stores_ = GetParam().make();
    ASSERT_NE(stores_, nullptr);
    history_ = stores_->history.get();
    ASSERT_NE(history_, nullptr);
  }
  static Sample sample(const market::CardKind& kind, int slot, std::uint64_t free = 1) {
    Sample out;
    out.kind = kind;
    out.slot_ms = kNoon + slot * kSlotMs;
    out.free = free;
    return out;
  }
  std::vector<Sample> all(const market::CardKind& kind) {
    return history_->read({kind, 0, kNoon * 2, 1000}).value();
  }
  void log_in(std::uint8_t n, const std::string& card, base::UnixMillis confirmed_ms,
              base::UnixMillis login_ms) {
    lease::Quote quote = lease::testing::make_quote(n);
    quote.card = card;
    quote.simulated = n % 2 == 0;
    ASSERT_TRUE(stores_->leases->insert_quote(quote).ok());
    ports::LeaseWrite write{quote.lease, 0, {}, {}, {}};
    write.life.state = lease::State::active;
    write.life.confirmed_ms = confirmed_ms;
    write.life.first_login_ms = login_ms;
    ASSERT_TRUE(*stores_->leases->apply(write));
  }

  std::shared_ptr<ports::Stores> stores_;
  ports::HistoryStore* history_ = nullptr;
};

TEST_P(HistorySuite, KeepsEveryFieldAndWhatIsNotThere) {
  Sample full;
  full.slot_ms = kNoon;
  full.kind = {"a40 'x' é", true};
  full.from_micro_usd_per_hour = std::uint64_t{1} << 62;
  full.from_lamports_per_hour = 3;
  full.free = 4;
  full.used = 5;
  full.listed = 6;
  full.logins = 7;
  full.login_p50_ms = 0;
  full.login_p95_ms = 9;
  EXPECT_EQ(history_->add({full, sample(kA40, 0)}).value(), 2u);
  EXPECT_EQ(all(full.kind), std::vector{full});
  EXPECT_EQ(all(kA40), std::vector{sample(kA40, 0)});
}

TEST_P(HistorySuite, KnowsNothingItWasNotTold) {
  EXPECT_FALSE(history_->newest().value());
  EXPECT_TRUE(history_->kinds().value().empty());
  EXPECT_TRUE(all(kA40).empty());
  EXPECT_TRUE(history_->logins(0, kNoon).value().empty());
  EXPECT_EQ(history_->add({}).value(), 0u);
}

TEST_P(HistorySuite, TheFirstSampleOfAMomentStays) {
  ASSERT_EQ(history_->add({sample(kA40, 0, 5)}).value(), 1u);
  EXPECT_EQ(history_->add({sample(kA40, 0, 9), sample(kA40, 1, 9)}).value(), 1u);
  EXPECT_EQ(all(kA40), (std::vector{sample(kA40, 0, 5), sample(kA40, 1, 9)}));
}

TEST_P(HistorySuite, ManyMarketsWriteAMomentOnce) {
  std::atomic<std::uint64_t> added = 0;
  std::vector<std::thread> markets;
  for (std::uint64_t market = 0; market < 6; ++market) {
    markets.emplace_back([&, market] {
      const auto done = history_->add({sample(kA40, 0, market), sample({"l4", false}, 0, market)});
      if (done.ok()) added += *done;
    });
  }
  for (std::thread& market : markets) market.join();
  EXPECT_EQ(added, 2u);
  EXPECT_EQ(all(kA40).size(), 1u);
}

TEST_P(HistorySuite, ReadsARangeOfOneKindInOrder) {
  for (const int slot : {4, 0, 2, 3, 1}) {
    ASSERT_TRUE(
        history_
            ->add({sample(kA40, slot), sample({"a40", true}, slot, 7), sample({"a4", false}, slot)})
            .ok());
  }
  const auto read = [&](int from, int to, std::size_t limit) {
    std::vector<base::UnixMillis> out;
    const auto samples =
        history_->read({kA40, kNoon + from * kSlotMs, kNoon + to * kSlotMs, limit}).value();
    for (const Sample& one : samples) {
      EXPECT_EQ(one.free, 1u) << "simulated ones are another history";
      out.push_back((one.slot_ms - kNoon) / kSlotMs);
    }
    return out;
  };
  using Slots = std::vector<base::UnixMillis>;
  EXPECT_EQ(read(0, 5, 10), (Slots{0, 1, 2, 3, 4}));
  EXPECT_EQ(read(1, 4, 10), (Slots{1, 2, 3}));
  EXPECT_EQ(read(1, 4, 2), (Slots{1, 2}));
  EXPECT_EQ(read(5, 9, 10), Slots{});
  EXPECT_EQ(history_->newest().value(), kNoon + 4 * kSlotMs);
  EXPECT_EQ(history_->kinds().value(),
            (std::set<market::CardKind>{{"a4", false}, {"a40", false}, {"a40", true}}));
}

TEST_P(HistorySuite, ForgetsWhatIsOld) {
  for (int slot = 0; slot < 4; ++slot) ASSERT_TRUE(history_->add({sample(kA40, slot)}).ok());
  EXPECT_EQ(history_->forget(kNoon + 2 * kSlotMs).value(), 2u);
  EXPECT_EQ(history_->forget(kNoon + 2 * kSlotMs).value(), 0u);
  EXPECT_EQ(all(kA40).size(), 2u);
}

TEST_P(HistorySuite, CountsFirstLoginsOfLeases) {
  log_in(1, "a40", 1000, 3500);
  log_in(2, "a40", 1000, 3600);
  log_in(3, "l4", 5000, 4000);  // the clock was set back
  log_in(4, "l4", 1000, 0);     // not yet
  log_in(5, "l4", 2000, 9000);
  EXPECT_EQ(history_->logins(3500, 9000).value(),
            (std::vector<Login>{{{"a40", true}, 2600}, {{"l4", false}, 7000}}));
  EXPECT_EQ(history_->logins(0, 3500).value(), (std::vector<Login>{{{"a40", false}, 2500}}));
  EXPECT_TRUE(history_->logins(9000, 99'000).value().empty());
}

INSTANTIATE_TEST_SUITE_P(Stores, HistorySuite, ::testing::ValuesIn(stores_drivers()),
                         [](const auto& driver) { return std::string(driver.param.name); });

}  // namespace
}  // namespace obelisk::conformance
