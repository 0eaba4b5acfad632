#include "adapters/sqlite/backup.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "adapters/sqlite/migrations.hpp"
#include "adapters/sqlite/sqlite_store.hpp"
#include "core/lease/testing.hpp"

namespace obelisk::sqlite {
namespace {

class BackupTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = (std::filesystem::temp_directory_path() / "obelisk-backup-XXXXXX").string();
    ASSERT_NE(::mkdtemp(folder_.data()), nullptr);
    path_ = folder_ + "/market.sqlite";
    copy_ = folder_ + "/copy";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string folder_;
  std::string path_;
  std::string copy_;
};

TEST_F(BackupTest, IsWholeWhileOthersWrite) {
  const auto stores = open_stores(path_);
  ASSERT_TRUE(stores.ok());
  std::atomic<bool> stop = false;
  std::thread writer([&] {
    for (std::uint8_t i = 1; !stop && i < 200; ++i) {
      EXPECT_TRUE(stores->leases->insert_quote(lease::testing::make_quote(i)).ok());
      EXPECT_TRUE(stores->leases->add_to_counter("written", 1).ok());
    }
  });
  while (*stores->leases->add_to_counter("written", 0) < 5) std::this_thread::yield();
  const auto done = copy_database(path_, copy_);
  stop = true;
  writer.join();
  ASSERT_TRUE(done.ok()) << done.error().message;
  struct stat info{};
  ASSERT_EQ(::stat(copy_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600U);
  EXPECT_FALSE(std::filesystem::exists(copy_ + ".part"));
  EXPECT_FALSE(std::filesystem::exists(copy_ + "-wal"));
  EXPECT_EQ(*check_database(copy_, migrations()), migrations().size());
  const auto again = open_stores(copy_);
  ASSERT_TRUE(again.ok());
  const auto quotes = again->leases->not_ended()->size();
  const auto counted = *again->leases->add_to_counter("written", 0);
  EXPECT_GE(quotes, 5U);
  EXPECT_TRUE(quotes == counted || quotes == counted + 1) << "one moment of it";
}

TEST_F(BackupTest, ReplacesNothing) {
  ASSERT_TRUE(open_stores(path_).ok());
  std::ofstream(copy_) << "precious";
  const auto done = copy_database(path_, copy_);
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code, base::Code::conflict);
  EXPECT_EQ(std::filesystem::file_size(copy_), 8U);
  EXPECT_EQ(copy_database(folder_ + "/nothing", folder_ + "/x").error().code,
            base::Code::not_found);
  EXPECT_FALSE(copy_database(path_, folder_ + "/nowhere/x").ok());
}

TEST_F(BackupTest, WhatIsNoBackupIsRefused) {
  EXPECT_EQ(check_database(copy_, migrations()).error().code, base::Code::not_found);
  std::ofstream(copy_) << std::string(5000, 'x');
  EXPECT_FALSE(check_database(copy_, migrations()).ok());
  const std::string other = folder_ + "/other";
  {
    auto database = Database::open(other);
    ASSERT_TRUE(database.ok());
    ASSERT_TRUE(database->execute("CREATE TABLE t (x INTEGER)").ok());
  }
  EXPECT_EQ(check_database(other, migrations()).error().code, base::Code::refused);
  ASSERT_TRUE(open_stores(path_).ok());
  const auto newer = check_database(path_, migrations().first(1));
  ASSERT_FALSE(newer.ok());
  EXPECT_EQ(newer.error().code, base::Code::unsupported);
}

TEST_F(BackupTest, ADamagedPageIsSeen) {
  {
    const auto stores = open_stores(path_);
    ASSERT_TRUE(stores.ok());
    for (std::uint8_t i = 1; i < 100; ++i) {
      ASSERT_TRUE(stores->leases->insert_quote(lease::testing::make_quote(i)).ok());
    }
  }
  ASSERT_TRUE(copy_database(path_, copy_).ok());
  std::fstream file(copy_, std::ios::in | std::ios::out | std::ios::binary);
  const auto size = std::filesystem::file_size(copy_);
  for (std::uintmax_t at = 4096 * 3; at + 4096 < size; at += 4096) {
    file.seekp(static_cast<std::streamoff>(at + 8));
    file << std::string(2000, '\xff');
  }
  file.close();
  EXPECT_FALSE(check_database(copy_, migrations()).ok());
}

}  // namespace
}  // namespace obelisk::sqlite
