// The history from the desk to the API: what is sampled, when, and what is answered.
#include <gtest/gtest.h>

#include "adapters/fake/key_attestor.hpp"
#include "adapters/fake/memory_answer_store.hpp"
#include "adapters/fake/memory_audit_store.hpp"
#include "adapters/fake/memory_history_store.hpp"
#include "adapters/fake/memory_report_store.hpp"
#include "adapters/fake/memory_session_store.hpp"
#include "apps/market/api.hpp"
#include "apps/market/history_keeper.hpp"
#include "apps/market/testing.hpp"

namespace obelisk::market_app {
namespace {

using market::history::kSlotMs;
using testing::key;

// A store that cannot be written for a while.
class FailingHistory final : public ports::HistoryStore {
 public:
  explicit FailingHistory(ports::HistoryStore& real) : real_(real) {}
  bool fails = false;
  base::Result<std::uint64_t> add(const std::vector<market::history::Sample>& samples) override {
    if (fails) return base::Error{base::Code::internal, "The disk is full.", ""};
    return real_.add(samples);
  }
  base::Result<std::vector<market::history::Sample>> read(
      const ports::HistoryRange& range) override {
    return real_.read(range);
  }
  base::Result<std::optional<base::UnixMillis>> newest() override { return real_.newest(); }
  base::Result<std::set<market::CardKind>> kinds() override { return real_.kinds(); }
  base::Result<std::uint64_t> forget(base::UnixMillis before_ms) override {
    return real_.forget(before_ms);
  }
  base::Result<std::vector<market::history::Login>> logins(base::UnixMillis after_ms,
                                                           base::UnixMillis until_ms) override {
    return real_.logins(after_ms, until_ms);
  }

 private:
  ports::HistoryStore& real_;
};

class History : public ::testing::Test {
 protected:
  History() {
    hub.serve(leases);
    store.tell(offers.store_events());
    list(host, 4, 1'380'000, false);
  }
  void list(const base::Keypair& who, std::size_t cards, std::uint64_t price, bool simulated) {
    auto listing = testing::listing_of(who.public_key(), cards);
    listing.seq += ++listings_;
    listing.micro_usd_per_hour = price;
    listing.simulated = simulated;
    ASSERT_TRUE(offers.take_listing(who.public_key(), testing::sign_listing(listing, who)));
    offers.host_connected(who.public_key());
  }
  // To just after the next moment.
  base::UnixMillis go_on(int slots = 1) {
    const base::UnixMillis at_ms = (clock.now_ms() / kSlotMs + slots) * kSlotMs;
    clock.steady += at_ms + 1000 - clock.now_ms();
    return at_ms;
  }
  void sample(int slots = 1) {
    go_on(slots);
    ASSERT_TRUE(keeper.step());
  }
  std::vector<market::history::Sample> kept(const market::CardKind& kind) {
    return real.read({kind, 0, testing::kNowMs * 2, 1000}).value();
  }
  http::Response ask(const std::string& path, const std::string& query) {
    http::Request request;
    request.path = path;
    request.query = query;
    testing::TestExchange exchange;
    api.handle(request, exchange);
    return exchange.response.value_or(http::Response{});
  }
  api::History found(const std::string& query) {
    const auto response = ask("/v1/history", query);
    EXPECT_EQ(response.status, 200) << response.body;
    return api::history_from_json(response.body).value();
  }

  std::uint64_t listings_ = 0;
  testing::TestClock clock;
  fake::MemoryStore leases_kept;
  WatchedStore store{leases_kept};
  testing::TestStore other;  // the engine here keeps nothing
  testing::TestLeases leases{other};
  testing::TestChain chain;
  testing::TestPrices prices;
  testing::TestSigner attestor;
  fake::KeyAttestor watch{attestor};
  testing::QuietLog log;
  Identity identity{key(1), key(2), true};
  OfferDesk offers{store, clock, true};
  HostHub hub{offers, clock, log, key(1), key(2)};
  QuoteDesk quotes{{leases, store, chain, prices, watch, clock, offers}, identity};
  LeaseStreams streams{leases};
  Metrics metrics;
  fake::MemoryHistoryStore real{&leases_kept};
  FailingHistory history{real};
  OfferStreams offer_streams{offers, prices, clock};
  fake::MemoryReportStore kept_reports;
  fake::MemoryAuditStore audit;
  ReportDesk reports{{leases, offers, kept_reports, audit, clock}, identity.market};
  fake::MemorySessionStore session_store;
  fake::MemoryAnswerStore answer_store;
  SessionDesk sessions{session_store, clock, identity::Origins::local(""), key(2)};
  Callers callers{sessions, clock, key(2)};
  AnswerDesk answers{answer_store, clock};
  Rates rates{Limits{}, clock};
  ReadCache reads{clock};
  Api api{{leases, store, chain, prices, clock, offers, quotes, hub, streams, metrics, rates, reads,
           sessions, callers, answers, identity, reports, history, offer_streams},
          log};
  HistoryKeeper keeper{history, offers, prices, clock};
  base::Keypair host = base::Keypair::random();
  const market::CardKind kReal{"rtx-4090", false};
  const market::CardKind kSimulated{"rtx-4090", true};
};

TEST_F(History, SamplesWhatTheDeskSees) {
  lease::Quote quote;
  quote.id = "q";
  quote.lease = key(9);
  quote.host = host.public_key();
  quote.card = "rtx-4090";
  quote.card_uuids = {"GPU-1"};
  ASSERT_TRUE(store.insert_quote(quote));
  list(base::Keypair::random(), 8, 900'000, true);
  const base::UnixMillis at_ms = go_on();
  ASSERT_TRUE(keeper.step());
  ASSERT_TRUE(keeper.step()) << "and not once more";
  const auto real_ones = kept(kReal);
  ASSERT_EQ(real_ones.size(), 1u);
  EXPECT_EQ(real_ones[0].slot_ms, at_ms);
  EXPECT_EQ(real_ones[0].free, 3u);
  EXPECT_EQ(real_ones[0].used, 1u);
  EXPECT_EQ(real_ones[0].listed, 4u);
  EXPECT_EQ(real_ones[0].from_micro_usd_per_hour, 1'380'000u) << "a simulated one is no price";
  EXPECT_EQ(kept(kSimulated).at(0).free, 8u);
  EXPECT_EQ(kept(kSimulated).at(0).from_micro_usd_per_hour, 900'000u);
}

TEST_F(History, AHostThatIsGoneIsCountedAsNothingAndACardStays) {
  sample();
  offers.host_gone(host.public_key());
  sample();
  ASSERT_EQ(kept(kReal).size(), 2u);
  EXPECT_EQ(kept(kReal)[1].listed, 0u);
  EXPECT_FALSE(kept(kReal)[1].from_micro_usd_per_hour);
  // The next process knows from the store which cards there were.
  HistoryKeeper next{history, offers, prices, clock};
  go_on(2);
  ASSERT_TRUE(next.step());
  EXPECT_EQ(kept(kReal).size(), 3u);
}

TEST_F(History, WhatWasMissedStaysMissing) {
  sample();
  sample(4);
  const auto all = kept(kReal);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[1].slot_ms - all[0].slot_ms, 4 * kSlotMs);
  history.fails = true;
  go_on();
  EXPECT_FALSE(keeper.step());
  clock.steady += market::history::kLateMs;
  history.fails = false;
  EXPECT_TRUE(keeper.step());
  EXPECT_EQ(kept(kReal).size(), 2u) << "too late: nobody knows what was free then";
  const auto shown = found("card=rtx-4090");
  EXPECT_EQ(shown.points.size(), 2u);
}

TEST_F(History, AStoreThatFailsIsTriedAgainInTime) {
  history.fails = true;
  go_on();
  EXPECT_FALSE(keeper.step());
  history.fails = false;
  clock.steady += 1000;
  ASSERT_TRUE(keeper.step());
  EXPECT_EQ(kept(kReal).size(), 1u);
}

TEST_F(History, LoginsAreThoseSinceTheSampleBefore) {
  const auto log_in = [&](std::uint8_t n, base::UnixMillis waited_ms) {
    lease::Quote quote;
    quote.id = std::to_string(n);
    quote.lease = key(n);
    quote.host = key(77);
    quote.card = "rtx-4090";
    quote.card_uuids = {"GPU-" + std::to_string(n)};
    ASSERT_TRUE(store.insert_quote(quote));
    ports::LeaseWrite write{quote.lease, 0, {}, {}, {}};
    write.life.state = lease::State::active;
    write.life.first_login_ms = clock.now_ms();
    write.life.confirmed_ms = clock.now_ms() - waited_ms;
    ASSERT_TRUE(store.apply(write));
  };
  sample();
  clock.steady += 1000;
  log_in(1, 900);
  log_in(2, 400);
  sample();
  sample();
  const auto all = kept(kReal);
  EXPECT_EQ(all.at(0).logins, 0u);
  EXPECT_EQ(all.at(1).logins, 2u);
  EXPECT_EQ(all.at(1).login_p50_ms, 400u);
  EXPECT_EQ(all.at(1).login_p95_ms, 900u);
  EXPECT_EQ(all.at(2).logins, 0u);
  EXPECT_FALSE(all.at(2).login_p50_ms);
}

TEST_F(History, AYearIsKept) {
  sample();
  clock.steady += market::history::kKeptMs - 2 * kSlotMs;
  sample();
  EXPECT_EQ(kept(kReal).size(), 2u);
  sample(2);
  EXPECT_EQ(kept(kReal).size(), 2u) << "the first is forgotten";
}

TEST_F(History, PagesFollowOneAnother) {
  for (int i = 0; i < 30; ++i) sample(i == 10 ? 7 : 1);
  const auto whole = found("card=rtx-4090&step=hour&limit=1000");
  EXPECT_FALSE(whole.next);
  std::vector<api::HistoryPoint> paged;
  std::string cursor;
  do {
    const auto page =
        found("card=rtx-4090&step=hour&limit=2&from=" + whole.from + "&to=" + whole.to + cursor);
    EXPECT_LE(page.points.size(), 2u);
    paged.insert(paged.end(), page.points.begin(), page.points.end());
    cursor = page.next ? "&cursor=" + *page.next : "";
  } while (!cursor.empty());
  EXPECT_EQ(paged, whole.points);
  EXPECT_GE(paged.size(), 3u);
  EXPECT_EQ(found("card=rtx-4090&limit=7").points.size(), 7u);
  EXPECT_TRUE(found("card=rtx-4090&simulated=yes").points.empty());
  EXPECT_TRUE(found("card=rtx-4090&to=2020-01-01T00:00:00Z").points.empty());
}

TEST_F(History, WhatCannotBeReadIsAProblem) {
  EXPECT_EQ(ask("/v1/history", "").status, 422);
  EXPECT_EQ(ask("/v1/history", "card=gtx-1").status, 404);
  for (const char* wrong :
       {"step=week", "step=", "from=yesterday", "to=2026-13-01T00:00:00Z", "limit=0", "limit=1001",
        "limit=x", "cursor=x", "cursor=1", "cursor=99999999999999", "simulated=maybe",
        "from=2026-11-22T00:00:00Z&to=2026-11-22T00:00:00Z",
        "from=2020-11-22T00:00:00Z&to=2026-11-22T00:00:00Z"}) {
    EXPECT_EQ(ask("/v1/history", std::string("card=rtx-4090&") + wrong).status, 422) << wrong;
  }
}

TEST_F(History, OutcomesGoOnWhereAPageStopped) {
  for (std::uint8_t i = 0; i < 5; ++i) {
    api::EndedLease one;
    one.lease = key(static_cast<std::uint8_t>(i + 1));
    one.host = key(i % 2 == 0 ? 70 : 71);
    one.card = "rtx-4090";
    one.count = 1;
    one.ended_at = base::to_rfc3339(testing::kNowMs - 1000 * (i / 2));
    leases.ended.push_back(one);
  }
  std::vector<api::EndedLease> all;
  std::string cursor;
  do {
    const auto response = ask("/v1/outcomes", "limit=2" + cursor);
    const auto page = api::outcome_list_from_json(response.body);
    ASSERT_TRUE(page) << response.body;
    all.insert(all.end(), page->entries.begin(), page->entries.end());
    cursor = page->next ? "&cursor=" + *page->next : "";
  } while (!cursor.empty());
  EXPECT_EQ(all, leases.ended);
  const auto of_one = ask("/v1/outcomes", "host=" + key(71).to_string());
  EXPECT_EQ(api::outcome_list_from_json(of_one.body)->entries.size(), 2u);
  for (const char* wrong :
       {"cursor=x", "cursor=5", "cursor=5-", "cursor=-x", "limit=1001", "host=x"}) {
    EXPECT_EQ(ask("/v1/outcomes", wrong).status, 422) << wrong;
  }
}

}  // namespace
}  // namespace obelisk::market_app
