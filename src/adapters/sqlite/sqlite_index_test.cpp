#include "adapters/sqlite/sqlite_index.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <type_traits>

#include "adapters/sqlite/database.hpp"
#include "core/index/fields.hpp"

namespace obelisk::sqlite {
namespace {

using index::LeaseRow;
using index::Listed;
using index::StepRow;
using index::TransactionRow;

base::PublicKey key(std::uint8_t fill) {
  base::PublicKey out;
  out.bytes.fill(fill);
  return out;
}
base::Signature signature(std::uint8_t fill) {
  base::Signature out;
  out.bytes.fill(fill);
  return out;
}

// Puts another value into every column, so that none can be forgotten or swapped.
class Filler {
 public:
  template <class T>
  void operator()(const char*, T& value) {
    ++count_;
    put(value);
  }

 private:
  void put(std::string& text) { text = "text " + std::to_string(count_); }
  template <std::size_t N, class Tag>
  void put(base::FixedBytes<N, Tag>& value) {
    value.bytes.fill(count_);
  }
  void put(base::Lamports& amount) { amount.count = ~0ull - count_; }
  void put(bool& value) { value = true; }
  template <class T>
    requires(std::is_integral_v<T> || std::is_enum_v<T>)
  void put(T& value) {
    value = static_cast<T>(count_ % 4);
    if constexpr (std::is_same_v<T, std::uint64_t>) value = ~0ull - count_;
  }
  template <class T>
  void put(std::optional<T>& value) {
    put(value.emplace());
  }

  std::uint8_t count_ = 0;
};

TransactionRow transaction_at(std::uint64_t slot, std::uint8_t name, bool is_final = false) {
  TransactionRow out;
  out.signature = signature(name);
  out.slot = slot;
  out.block_index = name;
  out.is_final = is_final;
  return out;
}

class SqliteIndexTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = (std::filesystem::temp_directory_path() / "obelisk-index-XXXXXX").string();
    ASSERT_NE(::mkdtemp(folder_.data()), nullptr);
    path_ = folder_ + "/index.sqlite";
    open();
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  void open() {
    store_.reset();
    auto opened = open_index(path_, key(9));
    ASSERT_TRUE(opened) << opened.error().message;
    store_ = *std::move(opened);
  }

  std::string folder_;
  std::string path_;
  std::unique_ptr<ports::IndexStore> store_;
};

TEST_F(SqliteIndexTest, EveryColumnComesBack) {
  TransactionRow transaction;
  StepRow step;
  LeaseRow lease;
  index::each_transaction_field(transaction, Filler());
  index::each_step_field(step, Filler());
  index::each_lease_field(lease, Filler());
  step.signature = transaction.signature;
  step.block_time_s = transaction.block_time_s;
  ASSERT_TRUE(store_->write(
      {.transactions = {transaction}, .steps = {step}, .leases = {{lease.lease, {lease}}}}));
  open();
  EXPECT_EQ(store_->transaction(transaction.signature).value(), transaction);
  EXPECT_EQ(store_->steps_of(transaction.signature).value(), std::vector{step});
  EXPECT_EQ(store_->steps_of_lease(*step.lease).value(), std::vector{step});
  EXPECT_EQ(store_->leases_at(lease.lease).value(), std::vector{lease});
  // And nothing where nothing is.
  LeaseRow bare;
  bare.lease = lease.lease;
  ASSERT_TRUE(store_->write({.leases = {{bare.lease, {bare}}}}));
  EXPECT_EQ(store_->leases_at(lease.lease).value(), std::vector{bare});
}

TEST_F(SqliteIndexTest, AWriteIsWholeOrNotAtAll) {
  ASSERT_TRUE(store_->put_page({{signature(1), 10}}, true, {}));
  StepRow orphan;  // its transaction is not there, which the database refuses
  orphan.signature = signature(77);
  const auto refused = store_->write({.transactions = {transaction_at(10, 1)},
                                      .steps = {orphan},
                                      .done = {signature(1)},
                                      .progress = index::Progress{{}, 1, 2, 3}});
  EXPECT_FALSE(refused);
  EXPECT_FALSE(store_->transaction(signature(1)).value());
  EXPECT_EQ(store_->waiting_after(0).value().size(), 1u);
  EXPECT_EQ(store_->progress().value(), index::Progress{});
}

TEST_F(SqliteIndexTest, ATransactionTakesItsStepsWithIt) {
  StepRow step;
  step.signature = signature(1);
  step.lease = key(3);
  ASSERT_TRUE(store_->write({.transactions = {transaction_at(10, 1)}, .steps = {step}}));
  ASSERT_TRUE(store_->write({.undone = {signature(1)}}));
  EXPECT_TRUE(store_->steps_of_lease(key(3)).value().empty());
  EXPECT_EQ(store_->totals().value().transactions, 0u);
}

TEST_F(SqliteIndexTest, AListingGoesOnAfterARestart) {
  index::Progress progress;
  progress.listing = index::Cursor{signature(2), 20, signature(1)};
  progress.listing_finalized = 25;
  progress.known_from = 7;
  ASSERT_TRUE(store_->put_page({{signature(3), 30}, {signature(2), 20}}, true, progress));
  open();
  EXPECT_EQ(store_->progress().value(), progress);
  progress.listing->until.reset();
  ASSERT_TRUE(store_->put_page({{signature(4), 20}}, false, progress));
  EXPECT_EQ(store_->progress().value(), progress);
  EXPECT_EQ(store_->waiting_after(0).value(),
            (std::vector<Listed>{{signature(2), 20}, {signature(4), 20}}));
  EXPECT_EQ(store_->waiting_after(20).value(), (std::vector<Listed>{{signature(3), 30}}));
  EXPECT_TRUE(store_->waiting_after(30).value().empty());
  // A new listing shows again what waits.
  ASSERT_TRUE(store_->put_page({{signature(5), 50}}, true, {}));
  EXPECT_EQ(store_->waiting_after(0).value(), (std::vector<Listed>{{signature(5), 50}}));
}

TEST_F(SqliteIndexTest, TheAnchorIsFinalAndNothingOlderWaits) {
  EXPECT_FALSE(store_->anchor(100).value());
  ASSERT_TRUE(
      store_->write({.transactions = {transaction_at(10, 1, true), transaction_at(10, 2, true),
                                      transaction_at(20, 3, true), transaction_at(30, 4)}}));
  EXPECT_EQ(store_->anchor(100).value(), signature(3));
  EXPECT_EQ(store_->anchor(19).value(), signature(2)) << "the last of its block";
  ASSERT_TRUE(store_->put_page({{signature(9), 20}}, false, {}));
  EXPECT_EQ(store_->anchor(100).value(), signature(2));
  ASSERT_TRUE(store_->write({.settled = {signature(4)}, .done = {signature(9)}}));
  EXPECT_EQ(store_->anchor(100).value(), signature(4));
}

TEST_F(SqliteIndexTest, TellsWhatIsOpenAndProvisional) {
  LeaseRow open_row;
  open_row.lease = key(3);
  LeaseRow closed = open_row;
  closed.lease = key(4);
  closed.close_signature = signature(1);
  ASSERT_TRUE(store_->write(
      {.transactions = {transaction_at(30, 2), transaction_at(20, 1), transaction_at(40, 3, true)},
       .leases = {{key(3), {open_row}}, {key(4), {closed}}}}));
  EXPECT_EQ(store_->open_leases({}, 10).value(), std::vector{key(3)});
  EXPECT_TRUE(store_->open_leases(key(3), 10).value().empty());
  const auto rows = store_->provisional_to(29, 10).value();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].signature, signature(1));
  EXPECT_EQ(store_->provisional_to(99, 1).value().size(), 1u);
  const ports::IndexTotals totals = store_->totals().value();
  EXPECT_EQ(totals.transactions, 3u);
  EXPECT_EQ(totals.provisional, 2u);
  EXPECT_EQ(totals.leases, 2u);
  EXPECT_EQ(totals.oldest_slot, 20u);
  EXPECT_EQ(totals.newest_final_slot, 40u);
  EXPECT_FALSE(totals.from_birth);
}

TEST_F(SqliteIndexTest, IsForOneProgramAndItsOwnerAlone) {
  const auto other = open_index(path_, key(8));
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, base::Code::refused);
  EXPECT_EQ(program_of_index(path_).value(), key(9));
  EXPECT_FALSE(program_of_index(folder_ + "/nothing").value());
  struct stat info{};
  ASSERT_EQ(::stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
}

TEST_F(SqliteIndexTest, ANewOneTakesThePlaceOfTheOldWithItsLog) {
  ASSERT_TRUE(store_->write({.transactions = {transaction_at(10, 1)}}));
  // As a killed market leaves it: the newest rows in a log beside the file.
  for (const char* end : {"", "-wal", "-shm"}) {
    std::filesystem::copy_file(path_ + end, folder_ + "/old.sqlite" + end);
  }
  store_.reset();
  const std::string old = folder_ + "/old.sqlite";
  {
    auto built = open_index(folder_ + "/built", key(9));
    ASSERT_TRUE((*built)->write({.transactions = {transaction_at(20, 2)}}));
  }
  ASSERT_TRUE(replace_index(folder_ + "/built", old));
  EXPECT_FALSE(std::filesystem::exists(folder_ + "/built"));
  EXPECT_FALSE(std::filesystem::exists(old + "-wal"));
  auto now = open_index(old, key(9));
  ASSERT_TRUE(now) << now.error().message;
  EXPECT_FALSE((*now)->transaction(signature(1)).value());
  EXPECT_TRUE((*now)->transaction(signature(2)).value());
}

TEST_F(SqliteIndexTest, WhatIsNoDatabaseIsReplacedAsWell) {
  store_.reset();
  for (const char* end : {"", "-wal"}) {
    FILE* file = std::fopen((path_ + end).c_str(), "w");
    std::fputs("not a database, and long enough to be looked at as if it were one", file);
    std::fclose(file);
  }
  EXPECT_FALSE(program_of_index(path_));
  {
    ASSERT_TRUE(open_index(folder_ + "/built", key(9)));
  }
  ASSERT_TRUE(replace_index(folder_ + "/built", path_));
  EXPECT_TRUE(open_index(path_, key(9)));
}

}  // namespace
}  // namespace obelisk::sqlite
