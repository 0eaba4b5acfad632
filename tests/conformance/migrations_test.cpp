// Databases of every earlier version, with rows in them, brought to this one. For each step there
// is a file of rows as that version wrote them, in tests/conformance/migrations/DATABASE/N.sql: who
// adds a step adds the file with a row in every table that there is by then, and never touches an
// older one.
#include "adapters/postgres/migrations.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>

#include "adapters/postgres/postgres_store.hpp"
#include "adapters/sqlite/migrations.hpp"
#include "adapters/sqlite/sqlite_store.hpp"
#include "core/lease/testing.hpp"
#include "postgres_server.hpp"

namespace obelisk::conformance {
namespace {

// Each row as its columns' texts, with a word for NULL; by table. Sorted, since no order is kept.
using Rows = std::multiset<std::vector<std::string>>;
using Tables = std::map<std::string, std::vector<std::string>>;  // columns by table

std::string fixture(const std::string& database, std::size_t number) {
  std::ifstream file(std::string(OBELISK_MIGRATIONS) + "/" + database + "/" +
                     std::to_string(number) + ".sql");
  return {std::istreambuf_iterator<char>(file), {}};
}

template <class Database>
std::vector<std::string> texts(Database& database, const std::string& sql) {
  std::vector<std::string> out;
  auto rows = database.prepare(sql);
  EXPECT_TRUE(rows.ok()) << sql;
  while (rows.ok()) {
    const auto more = rows->step();
    EXPECT_TRUE(more.ok()) << sql;
    if (!more.ok() || !*more) break;
    out.push_back(rows->text(0));
  }
  return out;
}

template <class Database>
Rows rows_of(Database& database, const std::string& table,
             const std::vector<std::string>& columns) {
  std::string sql;
  for (const std::string& column : columns) sql += (sql.empty() ? "SELECT " : ", ") + column;
  sql += " FROM " + table;
  Rows out;
  auto rows = database.prepare(sql);
  EXPECT_TRUE(rows.ok()) << sql << ": a table or a column is gone";
  while (rows.ok()) {
    const auto more = rows->step();
    EXPECT_TRUE(more.ok()) << sql;
    if (!more.ok() || !*more) break;
    std::vector<std::string> row;
    for (int i = 0; i < static_cast<int>(columns.size()); ++i) {
      row.push_back(rows->is_null(i) ? "(null)" : "'" + rows->text(i) + "'");
    }
    out.insert(std::move(row));
  }
  return out;
}

struct Sqlite {
  static constexpr const char* kName = "sqlite";
  using Database = sqlite::Database;
  std::string path;
  Sqlite() {
    std::string folder = (std::filesystem::temp_directory_path() / "obelisk-mig-XXXXXX").string();
    EXPECT_NE(::mkdtemp(folder.data()), nullptr);
    path = folder + "/market.sqlite";
  }
  ~Sqlite() { std::filesystem::remove_all(std::filesystem::path(path).parent_path()); }
  static auto steps() { return sqlite::migrations(); }
  base::Result<Database> open() const { return Database::open(path); }
  static auto migrate(Database& database, std::span<const char* const> steps) {
    return sqlite::migrate(database, steps);
  }
  auto stores() const { return sqlite::open_stores(path); }
  static Tables tables(Database& database) {
    Tables out;
    for (const std::string& table : texts(database,
                                          "SELECT name FROM sqlite_schema WHERE type = 'table' AND "
                                          "name NOT LIKE 'sqlite_%' AND name <> 'schema_step'")) {
      out[table] = texts(database, "SELECT name FROM pragma_table_info('" + table + "')");
    }
    return out;
  }
};

struct Postgres {
  static constexpr const char* kName = "postgres";
  using Database = postgres::Database;
  std::string uri;
  Postgres() : uri(server().make_database()) {}
  static auto steps() { return postgres::migrations(); }
  base::Result<Database> open() const { return Database::open(uri); }
  static auto migrate(Database& database, std::span<const char* const> steps) {
    return postgres::migrate(database, steps);
  }
  auto stores() const { return postgres::open_stores(uri); }
  static Tables tables(Database& database) {
    Tables out;
    for (const std::string& table :
         texts(database,
               "SELECT table_name FROM information_schema.tables WHERE "
               "table_schema = 'public' AND table_name <> 'schema_step'")) {
      out[table] = texts(database,
                         "SELECT column_name FROM information_schema.columns WHERE "
                         "table_schema = 'public' AND table_name = '" +
                             table + "'");
    }
    return out;
  }
  static PostgresServer& server() {
    static std::unique_ptr<PostgresServer> kept;
    if (!kept) {
      kept = PostgresServer::start().value();
      struct End : ::testing::Environment {
        void TearDown() override { kept.reset(); }
      };
      ::testing::AddGlobalTestEnvironment(new End);
    }
    return *kept;
  }
};

// What the program of today says of the rows that every fixture has.
void expect_todays_records(ports::Stores& stores, bool sent_is_known) {
  const lease::Quote quote = lease::testing::make_quote(1);
  const auto record = stores.leases->by_lease(quote.lease);
  ASSERT_TRUE(record.ok() && record->has_value())
      << (record.ok() ? "gone" : record.error().message);
  EXPECT_EQ((*record)->quote, quote);
  EXPECT_EQ((*record)->life.state, lease::State::active);
  EXPECT_EQ((*record)->life.version, 3u);
  EXPECT_EQ((*record)->life.started_at_s, 1005);
  EXPECT_EQ((*record)->life.ssh->port, 40022);
  EXPECT_EQ(stores.leases->held_cards().value().size(), 1u);
  const auto events = stores.leases->events_after(quote.lease, 0).value();
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[1].message, "Ready. The meter runs.");
  const auto work = stores.leases->outbox_due(1'000'000'000, 10).value();
  ASSERT_EQ(work.size(), 1u);
  EXPECT_EQ(work[0].kind, "log_in");
  EXPECT_EQ(work[0].attempts, 2u);
  EXPECT_EQ(work[0].sent.has_value(), sent_is_known);
  EXPECT_EQ(stores.leases->listings().value().size(), 1u);
  EXPECT_EQ(stores.leases->add_to_counter("nonce", 0).value(), 41u);
  // And it goes on from there.
  EXPECT_TRUE(stores.leases->insert_quote(lease::testing::make_quote(2)).ok());
  ports::LeaseWrite write{
      quote.lease, 3, (*record)->life, {{0, quote.lease, 9, "attested", ""}}, {}};
  const auto written = stores.leases->apply(write);
  ASSERT_TRUE(written.ok() && written->has_value());
  EXPECT_GT((*written)->front().seq, events[1].seq) << "numbers are never used again";
}

template <class Kind>
class Migrations : public ::testing::Test {};
using Kinds = ::testing::Types<Sqlite, Postgres>;
TYPED_TEST_SUITE(Migrations, Kinds);

TYPED_TEST(Migrations, EveryEarlierVersionComesToThisOneWithAllItsRows) {
  const auto steps = TypeParam::steps();
  for (std::size_t version = 1; version <= steps.size(); ++version) {
    SCOPED_TRACE(std::string(TypeParam::kName) + " version " + std::to_string(version));
    const std::string rows = fixture(TypeParam::kName, version);
    ASSERT_FALSE(rows.empty()) << "A step has no rows of its version: see the top of this file.";
    const TypeParam kind;
    Tables tables;
    std::map<std::string, Rows> before;
    {
      auto database = kind.open();
      ASSERT_TRUE(database.ok()) << database.error().message;
      ASSERT_TRUE(TypeParam::migrate(*database, steps.first(version)).ok());
      const auto put = database->execute(rows.c_str());
      ASSERT_TRUE(put.ok()) << put.error().message;
      tables = TypeParam::tables(*database);
      for (const auto& [table, columns] : tables) {
        before[table] = rows_of(*database, table, columns);
        EXPECT_FALSE(before[table].empty()) << "No row of " << table << " is tried.";
      }
    }
    auto stores = kind.stores();
    ASSERT_TRUE(stores.ok()) << stores.error().message;
    auto database = kind.open();
    ASSERT_TRUE(database.ok());
    for (const auto& [table, columns] : tables) {
      EXPECT_EQ(rows_of(*database, table, columns), before[table]) << table;
    }
    const auto& outbox = tables["outbox"];
    expect_todays_records(*stores, std::ranges::find(outbox, "sent_wire") != outbox.end());
  }
}

TYPED_TEST(Migrations, ADatabaseOfANewerVersionIsRefusedInWords) {
  const TypeParam kind;
  const auto known = TypeParam::steps();
  std::vector<const char*> newer(known.begin(), known.end());
  newer.push_back("CREATE TABLE of_tomorrow (x BIGINT)");
  if constexpr (std::is_same_v<TypeParam, Sqlite>) {
    newer.back() = "CREATE TABLE of_tomorrow (x INTEGER) STRICT";
  }
  {
    auto database = kind.open();
    ASSERT_TRUE(database.ok() && TypeParam::migrate(*database, newer).ok());
  }
  const auto stores = kind.stores();
  ASSERT_FALSE(stores.ok());
  EXPECT_EQ(stores.error().code, base::Code::unsupported);
  EXPECT_NE(stores.error().message.find("another version"), std::string::npos);
  EXPECT_FALSE(stores.error().action.empty());
}

}  // namespace
}  // namespace obelisk::conformance
