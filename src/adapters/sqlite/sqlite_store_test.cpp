// What only a file can get wrong; everything else is in tests/conformance.
#include "adapters/sqlite/sqlite_store.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "adapters/sqlite/migrations.hpp"
#include "core/lease/testing.hpp"

namespace obelisk::sqlite {
namespace {

class SqliteStoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = (std::filesystem::temp_directory_path() / "obelisk-sqlite-XXXXXX").string();
    ASSERT_NE(::mkdtemp(folder_.data()), nullptr);
    path_ = folder_ + "/market.db";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string folder_;
  std::string path_;
};

TEST_F(SqliteStoreTest, RemembersOverARestart) {
  const lease::Quote quote = lease::testing::make_quote();
  {
    auto store = open_stores(path_);
    ASSERT_TRUE(store.ok()) << store.error().message;
    ASSERT_TRUE(store->leases->insert_quote(quote).ok());
  }
  const auto store = open_stores(path_);
  ASSERT_TRUE(store.ok());
  EXPECT_EQ(store->leases->by_lease(quote.lease).value()->quote, quote);
}

TEST_F(SqliteStoreTest, FileIsForItsOwnerAlone) {
  ASSERT_TRUE(open_stores(path_).ok());
  struct stat info{};
  ASSERT_EQ(::stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST_F(SqliteStoreTest, AFolderThatIsNotThereIsExplained) {
  auto store = open_stores(folder_ + "/nowhere/market.db");
  ASSERT_FALSE(store.ok());
  EXPECT_EQ(store.error().code, base::Code::missing_dependency);
}

TEST_F(SqliteStoreTest, AFileThatIsNoDatabaseIsRefused) {
  FILE* file = std::fopen(path_.c_str(), "w");
  std::fputs("this is not a database, and long enough to be looked at as one", file);
  std::fclose(file);
  EXPECT_FALSE(open_stores(path_).ok());
}

TEST_F(SqliteStoreTest, MigrationsGoForwardOnly) {
  auto database = Database::open(path_);
  ASSERT_TRUE(database.ok());
  const char* const one[] = {"CREATE TABLE a (x INTEGER) STRICT"};
  const char* const two[] = {one[0], "CREATE TABLE b (x INTEGER) STRICT"};
  const char* const edited[] = {"CREATE TABLE a (y INTEGER) STRICT", two[1]};
  ASSERT_TRUE(migrate(*database, one).ok());
  ASSERT_TRUE(migrate(*database, one).ok()) << "twice is harmless";
  ASSERT_TRUE(migrate(*database, two).ok());
  EXPECT_EQ(migrate(*database, one).error().code, base::Code::unsupported) << "it is newer";
  EXPECT_EQ(migrate(*database, edited).error().code, base::Code::unsupported);
  // A step that fails leaves nothing of itself.
  const char* const broken[] = {two[0], two[1],
                                "CREATE TABLE c (x INTEGER) STRICT; CREATE TABLE nonsense ("};
  EXPECT_FALSE(migrate(*database, broken).ok());
  EXPECT_TRUE(database->prepare("SELECT x FROM b").ok());
  EXPECT_FALSE(database->prepare("SELECT x FROM c").ok());
}

// The other process of the test below; alone it has nothing to do.
TEST(OtherProcess, OpensAndCloses) {
  const char* path = std::getenv("OBELISK_TEST_DATABASE");
  if (path == nullptr) return;
  const auto stores = open_stores(path);
  ASSERT_TRUE(stores.ok());
  EXPECT_TRUE(stores->audit->add({0, 1, "who", "what", "whom", ""}).ok());
}

// The operator's verbs are other processes: the last of them to close the file must not take the
// log of a running market for left over.
TEST_F(SqliteStoreTest, AnotherProcessThatComesAndGoesTakesNothing) {
  const auto stores = open_stores(path_);
  ASSERT_TRUE(stores.ok());
  ASSERT_TRUE(stores->leases->add_to_counter("before", 1).ok());
  struct stat log{};
  ASSERT_EQ(::stat((path_ + "-wal").c_str(), &log), 0);
  ::setenv("OBELISK_TEST_DATABASE", path_.c_str(), 1);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    ::execl("/proc/self/exe", "sqlite_test", "--gtest_filter=OtherProcess.*", nullptr);
    ::_exit(127);
  }
  ::unsetenv("OBELISK_TEST_DATABASE");
  int ended = -1;
  ASSERT_EQ(::waitpid(child, &ended, 0), child);
  ASSERT_EQ(ended, 0);
  struct stat after{};
  ASSERT_EQ(::stat((path_ + "-wal").c_str(), &after), 0) << "its log is gone";
  EXPECT_EQ(after.st_ino, log.st_ino);
  EXPECT_EQ(stores->audit->newest(0, 10)->size(), 1U);
  ASSERT_TRUE(stores->leases->add_to_counter("after", 1).ok());
  const auto look = open_stores(path_);
  EXPECT_EQ(*look->leases->add_to_counter("after", 0), 1U);
}

TEST_F(SqliteStoreTest, TheAuditTrailOnlyGrows) {
  const auto stores = open_stores(path_);
  ASSERT_TRUE(stores.ok());
  ASSERT_TRUE(stores->audit->add({0, 1, "who", "what", "whom", "words"}).ok());
  auto database = Database::open(path_);
  ASSERT_TRUE(database.ok());
  EXPECT_FALSE(database->execute("UPDATE audit SET words = 'other'").ok());
  EXPECT_FALSE(database->execute("DELETE FROM audit").ok());
  EXPECT_EQ(stores->audit->newest(0, 10)->size(), 1U);
}

TEST_F(SqliteStoreTest, WhatHappenedToALeaseIsNeitherChangedNorRemoved) {
  const lease::Quote quote = lease::testing::make_quote();
  auto stores = open_stores(path_);
  ASSERT_TRUE(stores.ok() && stores->leases->insert_quote(quote).ok());
  ports::LeaseWrite write{quote.lease, 0, {}, {{0, quote.lease, 5, "open_seen", "Paid."}}, {}};
  write.life.state = lease::State::ended;
  write.life.outcome = lease::Outcome::stopped_by_renter;
  ASSERT_TRUE(stores->leases->apply(write).value().has_value());
  auto database = Database::open(path_);
  ASSERT_TRUE(database.ok());
  EXPECT_FALSE(database->execute("DELETE FROM lease_event").ok());
  EXPECT_FALSE(database->execute("UPDATE lease_event SET message = 'Never.'").ok());
  EXPECT_FALSE(database->execute("UPDATE lease_event SET at_ms = at_ms").ok());
  EXPECT_EQ(stores->leases->events_after(quote.lease, 0).value().size(), 1u);
  // Only the trail of a quote that nobody paid may go.
  ASSERT_TRUE(database->execute("UPDATE lease SET outcome = 1").ok());
  EXPECT_TRUE(database->execute("DELETE FROM lease_event").ok());
}

TEST_F(SqliteStoreTest, CommitsAreOnDisk) {
  auto database = Database::open(path_);
  ASSERT_TRUE(database.ok());
  auto mode = database->prepare("PRAGMA synchronous");
  ASSERT_TRUE(mode.ok() && *mode->step());
  EXPECT_EQ(mode->integer(0), 2) << "FULL";
  auto journal = database->prepare("PRAGMA journal_mode");
  ASSERT_TRUE(journal.ok() && *journal->step());
  EXPECT_EQ(journal->text(0), "wal");
}

}  // namespace
}  // namespace obelisk::sqlite
