// What only a server can get wrong; everything else is in the suite.
#include "adapters/postgres/postgres_store.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "adapters/postgres/database.hpp"
#include "adapters/postgres/migrations.hpp"
#include "core/lease/testing.hpp"
#include "postgres_server.hpp"

namespace obelisk::conformance {
namespace {

using lease::testing::make_quote;

class PostgresStoreTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    auto started = PostgresServer::start();
    ASSERT_TRUE(started.ok()) << started.error().message;
    server_ = *std::move(started);
  }
  static void TearDownTestSuite() { server_.reset(); }
  void SetUp() override { uri_ = server_->make_database(); }

  static std::unique_ptr<PostgresServer> server_;
  std::string uri_;
};
std::unique_ptr<PostgresServer> PostgresStoreTest::server_;

TEST_F(PostgresStoreTest, AServerThatGoesIsAnErrorAndComesBackByItself) {
  auto store = postgres::open_stores(uri_);
  ASSERT_TRUE(store.ok()) << store.error().message;
  ASSERT_TRUE(store->leases->insert_quote(make_quote(1)).ok());
  server_->restart();
  const auto broken = store->leases->by_lease(make_quote(1).lease);
  ASSERT_FALSE(broken.ok()) << "the old connection is gone";
  EXPECT_EQ(broken.error().code, base::Code::unreachable) << broken.error().message;
  const auto again = store->leases->by_lease(make_quote(1).lease);
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_TRUE(again->has_value());
}

TEST_F(PostgresStoreTest, ACommitThatTheServerTurnedIntoARollbackIsAnError) {
  auto database = postgres::Database::open(uri_);
  ASSERT_TRUE(database.ok()) << database.error().message;
  auto transaction = postgres::Transaction::begin(*database);
  ASSERT_TRUE(transaction.ok());
  EXPECT_FALSE(database->execute("SELECT nonsense").ok());
  EXPECT_FALSE(transaction->commit().ok());
}

TEST_F(PostgresStoreTest, NobodyThereIsSaidInWords) {
  const auto store = postgres::open_stores("postgresql://market@%2Fnowhere/x");
  ASSERT_FALSE(store.ok());
  EXPECT_EQ(store.error().code, base::Code::unreachable);
  EXPECT_EQ(store.error().message.find('\n'), std::string::npos);
}

TEST_F(PostgresStoreTest, ProcessesThatStartTogetherMakeTheTablesOnce) {
  std::atomic<int> opened = 0;
  std::vector<std::thread> all;
  for (int i = 0; i < 4; ++i) {
    all.emplace_back([&] { opened += postgres::open_stores(uri_).ok() ? 1 : 0; });
  }
  for (std::thread& one : all) one.join();
  EXPECT_EQ(opened, 4);
}

TEST_F(PostgresStoreTest, TheAuditTrailOnlyGrows) {
  const auto stores = postgres::open_stores(uri_);
  ASSERT_TRUE(stores.ok()) << stores.error().message;
  ASSERT_TRUE(stores->audit->add({0, 1, "who", "what", "whom", "words"}).ok());
  auto database = postgres::Database::open(uri_);
  ASSERT_TRUE(database.ok());
  EXPECT_FALSE(database->execute("UPDATE audit SET words = 'other'").ok());
  EXPECT_FALSE(database->execute("DELETE FROM audit").ok());
  EXPECT_FALSE(database->execute("TRUNCATE audit").ok());
  EXPECT_EQ(stores->audit->newest(0, 10)->size(), 1U);
}

TEST_F(PostgresStoreTest, WhatHappenedToALeaseIsNeitherChangedNorRemoved) {
  const lease::Quote quote = make_quote(1);
  auto stores = postgres::open_stores(uri_);
  ASSERT_TRUE(stores.ok() && stores->leases->insert_quote(quote).ok());
  ports::LeaseWrite write{quote.lease, 0, {}, {{0, quote.lease, 5, "open_seen", "Paid."}}, {}};
  write.life.state = lease::State::ended;
  write.life.outcome = lease::Outcome::stopped_by_renter;
  ASSERT_TRUE(stores->leases->apply(write).value().has_value());
  auto database = postgres::Database::open(uri_);
  ASSERT_TRUE(database.ok());
  EXPECT_FALSE(database->execute("DELETE FROM lease_event").ok());
  EXPECT_FALSE(database->execute("UPDATE lease_event SET message = 'Never.'").ok());
  EXPECT_FALSE(database->execute("TRUNCATE lease_event").ok());
  EXPECT_EQ(stores->leases->events_after(quote.lease, 0).value().size(), 1u);
  // Only the trail of a quote that nobody paid may go.
  ASSERT_TRUE(database->execute("UPDATE lease SET outcome = 1").ok());
  EXPECT_TRUE(database->execute("DELETE FROM lease_event").ok());
}

TEST_F(PostgresStoreTest, MigrationsGoForwardOnly) {
  auto database = postgres::Database::open(uri_);
  ASSERT_TRUE(database.ok());
  const char* const one[] = {"CREATE TABLE a (x BIGINT)"};
  const char* const two[] = {one[0], "CREATE TABLE b (x BIGINT)"};
  const char* const edited[] = {"CREATE TABLE a (y BIGINT)", two[1]};
  ASSERT_TRUE(postgres::migrate(*database, one).ok());
  ASSERT_TRUE(postgres::migrate(*database, one).ok()) << "twice is harmless";
  ASSERT_TRUE(postgres::migrate(*database, two).ok());
  EXPECT_EQ(postgres::migrate(*database, one).error().code, base::Code::unsupported);
  EXPECT_EQ(postgres::migrate(*database, edited).error().code, base::Code::unsupported);
  const char* const broken[] = {two[0], two[1], "CREATE TABLE c (x BIGINT); CREATE TABLE ("};
  EXPECT_FALSE(postgres::migrate(*database, broken).ok());
  EXPECT_TRUE(database->prepare("SELECT x FROM b").ok());
  EXPECT_FALSE(database->prepare("SELECT x FROM c").ok());
}

// Two quotes over the same cards in another order lock each other out, and both come to an end.
TEST_F(PostgresStoreTest, WritersInEachOthersWayTryAgain) {
  auto store = postgres::open_stores(uri_);
  ASSERT_TRUE(store.ok());
  std::atomic<int> won = 0;
  std::atomic<int> conflicts = 0;
  for (std::uint8_t round = 0; round < 20; ++round) {
    std::vector<std::thread> both;
    for (int side = 0; side < 2; ++side) {
      both.emplace_back([&, side] {
        lease::Quote quote = make_quote(static_cast<std::uint8_t>(1 + 2 * round + side));
        const std::string a = "a" + std::to_string(round);
        const std::string b = "b" + std::to_string(round);
        quote.card_uuids = side == 0 ? std::vector{a, b} : std::vector{b, a};
        const auto done = store->leases->insert_quote(quote);
        if (done.ok()) ++won;
        if (!done.ok() && done.error().code == base::Code::conflict) ++conflicts;
      });
    }
    for (std::thread& one : both) one.join();
  }
  EXPECT_EQ(won, 20);
  EXPECT_EQ(conflicts, 20);
}

}  // namespace
}  // namespace obelisk::conformance
