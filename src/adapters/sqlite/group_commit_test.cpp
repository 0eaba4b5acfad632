#include "adapters/sqlite/group_commit.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <stdexcept>
#include <thread>

namespace obelisk::sqlite {
namespace {

using base::Code;
using base::Result;

class GroupCommitTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = (std::filesystem::temp_directory_path() / "obelisk-group-XXXXXX").string();
    ASSERT_NE(::mkdtemp(folder_.data()), nullptr);
    auto database = Database::open(folder_ + "/a.sqlite");
    ASSERT_TRUE(database.ok());
    ASSERT_TRUE(database->execute("CREATE TABLE t (x INTEGER PRIMARY KEY) STRICT").ok());
    group_.emplace(*std::move(database));
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  Result<void> put(std::int64_t x, bool fails = false) {
    return group_->write([&](Database& database) -> Result<void> {
      TRY(auto insert, database.prepare("INSERT INTO t (x) VALUES (?)"));
      insert.bind(1, x);
      TRY_VOID(insert.run());
      if (fails) return base::Error{Code::refused, "no", "", 0};
      return {};
    });
  }
  // Through another connection: what is really committed.
  std::vector<std::int64_t> kept() {
    auto database = Database::open(folder_ + "/a.sqlite");
    auto rows = database->prepare("SELECT x FROM t ORDER BY x");
    std::vector<std::int64_t> out;
    while (rows->step().value()) out.push_back(rows->integer(0));
    return out;
  }

  std::string folder_;
  std::optional<GroupCommit> group_;
};

TEST_F(GroupCommitTest, OneWriteIsThereWhenItReturns) {
  ASSERT_TRUE(put(1).ok());
  EXPECT_EQ(kept(), std::vector<std::int64_t>{1});
}

TEST_F(GroupCommitTest, WhatFailsLeavesNothing) {
  EXPECT_EQ(put(1, true).error().code, Code::refused);
  EXPECT_EQ(put(2).ok(), true);
  EXPECT_EQ(put(2).error().code, Code::conflict);
  EXPECT_EQ(kept(), std::vector<std::int64_t>{2});
}

TEST_F(GroupCommitTest, AThrowIsTheCallersAndUndoesNoOther) {
  EXPECT_THROW(
      (void)group_->write([](Database&) -> Result<void> { throw std::runtime_error("x"); }),
      std::runtime_error);
  EXPECT_TRUE(put(3).ok());
  EXPECT_EQ(kept(), std::vector<std::int64_t>{3});
}

TEST_F(GroupCommitTest, ManyWritersShareCommitsAndOnlyTheirOwnFailures) {
  constexpr int kThreads = 8;
  constexpr int kEach = 50;
  std::atomic<int> failed = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kEach; ++i) {
        const bool fails = i % 5 == 0;
        if (!put(t * kEach + i, fails).ok()) ++failed;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(failed, kThreads * kEach / 5);
  std::vector<std::int64_t> expected;
  for (int x = 0; x < kThreads * kEach; ++x) {
    if (x % kEach % 5 != 0) expected.push_back(x);
  }
  EXPECT_EQ(kept(), expected);
  const GroupCommit::Counts counts = group_->counts();
  EXPECT_EQ(counts.writes, static_cast<std::uint64_t>(kThreads * kEach));
  EXPECT_LT(counts.commits, counts.writes) << "nobody ever shared";
}

}  // namespace
}  // namespace obelisk::sqlite
