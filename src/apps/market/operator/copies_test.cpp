// backup and restore over real files.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "adapters/files/file_lock.hpp"
#include "adapters/sqlite/sqlite_index.hpp"
#include "adapters/sqlite/sqlite_store.hpp"
#include "apps/market/operator/verbs.hpp"
#include "apps/market/testing.hpp"
#include "core/lease/testing.hpp"

namespace obelisk::market_app::operators {
namespace {

using base::Code;

class Copies : public ::testing::Test {
 protected:
  void SetUp() override {
    folder = ::testing::TempDir() + "/obelisk-copies-XXXXXX";
    ASSERT_NE(::mkdtemp(folder.data()), nullptr);
    state = folder + "/state";
    std::filesystem::create_directory(state);
    add_quote(1);
  }
  void TearDown() override { std::filesystem::remove_all(folder); }
  void add_quote(std::uint8_t n) {
    const auto stores = sqlite::open_stores(state + "/market.sqlite");
    ASSERT_TRUE(stores.ok());
    ASSERT_TRUE(stores->leases->insert_quote(lease::testing::make_quote(n)).ok());
  }
  std::size_t quotes() {
    return sqlite::open_stores(state + "/market.sqlite")->leases->not_ended()->size();
  }
  Words back_up(const std::string& to) {
    BackupRequest request;
    request.ground.state_dir = state;
    request.to = to;
    return backup(request, clock);
  }
  Words put_back(const std::string& from, bool force) {
    RestoreRequest request;
    request.ground.state_dir = state;
    request.from = from;
    request.force = force;
    return restore(request, clock);
  }

  testing::TestClock clock;
  std::string folder;
  std::string state;
};

// A restore that was cut off before its last step: the old records with their log, and the
// beginning of a copy.
TEST_F(Copies, ARestoreThatWasCutOffIsDoneAgain) {
  const std::string file = folder + "/copy";
  ASSERT_TRUE(back_up(file).ok());
  add_quote(2);
  std::ofstream(state + "/market.sqlite.restoring") << "half";
  const auto done = put_back(file, true);
  ASSERT_TRUE(done.ok()) << done.error().message;
  EXPECT_EQ(quotes(), 1U);
  const auto again = put_back(file, true);
  ASSERT_FALSE(again.ok()) << "within the same second it would take the place of the first";
  EXPECT_EQ(quotes(), 1U);
  clock.steady += 1000;
  EXPECT_TRUE(put_back(file, true).ok());
}

TEST_F(Copies, RecordsThatCannotBeOpenedAreReplacedToo) {
  const std::string file = folder + "/copy";
  ASSERT_TRUE(back_up(file).ok());
  std::ofstream(state + "/market.sqlite", std::ios::trunc) << "no database at all, and long enough";
  std::ofstream(state + "/market.sqlite-wal", std::ios::trunc) << "a log of what is gone";
  const auto done = put_back(file, true);
  ASSERT_TRUE(done.ok()) << done.error().message;
  EXPECT_EQ(quotes(), 1U);
}

TEST_F(Copies, ComeBackAsTheyWere) {
  {
    ASSERT_TRUE(sqlite::open_index(state + "/index.sqlite", testing::key(1)).ok());
  }
  const std::string file = folder + "/copy";
  ASSERT_TRUE(back_up(file).ok());
  struct stat info{};
  for (const std::string& one : {file, file + ".index"}) {
    ASSERT_EQ(::stat(one.c_str(), &info), 0) << one;
    EXPECT_EQ(info.st_mode & 0777, 0600U);
  }
  EXPECT_EQ(back_up(file).error().code, Code::conflict);
  add_quote(2);
  EXPECT_EQ(put_back(file, false).error().code, Code::conflict) << "it would replace records";
  EXPECT_EQ(quotes(), 2U);
  const auto done = put_back(file, true);
  ASSERT_TRUE(done.ok()) << done.error().message;
  EXPECT_EQ(quotes(), 1U);
  const auto kept = [this](const std::string& of) {
    std::vector<std::string> out;
    for (const auto& entry : std::filesystem::directory_iterator(state)) {
      const std::string name = entry.path().filename().string();
      if (name.starts_with(of + ".replaced-")) out.push_back(entry.path().string());
    }
    return out;
  };
  ASSERT_EQ(kept("market.sqlite").size(), 1U);
  EXPECT_EQ(sqlite::open_stores(kept("market.sqlite")[0])->leases->not_ended()->size(), 2U)
      << "what was there is whole";
  EXPECT_EQ(kept("index.sqlite").size(), 1U);
  EXPECT_FALSE(std::filesystem::exists(state + "/market.sqlite.restoring"));
  const auto trail = *sqlite::open_stores(state + "/market.sqlite")->audit->newest(0, 10);
  ASSERT_EQ(trail.size(), 2U);
  EXPECT_EQ(trail[0].what, "restore");
  EXPECT_EQ(trail[1].what, "backup");
  std::filesystem::remove_all(state);
  ASSERT_TRUE(put_back(file, false).ok()) << "into a folder that is not there";
  EXPECT_EQ(quotes(), 1U);
}

TEST_F(Copies, NothingIsRestoredUnderARunningMarket) {
  const std::string file = folder + "/copy";
  ASSERT_TRUE(back_up(file).ok());
  const auto lock = files::FileLock::take(state + "/market.lock", "serves a market on");
  ASSERT_TRUE(lock.ok());
  const auto refused = put_back(file, true);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Code::conflict);
  EXPECT_NE(refused.error().message.find("serves a market"), std::string::npos);
}

TEST_F(Copies, WhatIsNoBackupChangesNothing) {
  const std::string file = folder + "/no-copy";
  EXPECT_EQ(put_back(file, true).error().code, Code::not_found);
  std::ofstream(file) << std::string(5'000, 'x');
  EXPECT_FALSE(put_back(file, true).ok());
  EXPECT_EQ(quotes(), 1U);
}

TEST_F(Copies, AServersRecordsAreItsToolsBusiness) {
  BackupRequest request;
  request.ground.database = "postgresql://market@db/market";
  request.to = folder + "/copy";
  EXPECT_EQ(backup(request, clock).error().code, Code::unsupported);
  EXPECT_NE(backup(request, clock).error().action.find("pg_dump"), std::string::npos);
}

}  // namespace
}  // namespace obelisk::market_app::operators
