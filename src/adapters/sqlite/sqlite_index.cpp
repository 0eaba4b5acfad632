#include "adapters/sqlite/sqlite_index.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <mutex>

#include "adapters/sql/columns.hpp"
#include "adapters/sqlite/index_migrations.hpp"
#include "adapters/sqlite/migrations.hpp"
#include "core/index/fields.hpp"

namespace obelisk::sqlite {
namespace {

using base::Result;
using index::LeaseRow;
using index::Listed;
using index::Progress;
using index::StepRow;
using index::TransactionRow;
using sql::Binder;
using sql::ColumnNames;
using sql::RowReader;

std::int64_t as_integer(std::uint64_t value) { return static_cast<std::int64_t>(value); }

// Every kind of row by its fields: T is the row, possibly const.
template <class T, class F>
void each_field(T& row, F f) {
  using Row = std::remove_const_t<T>;
  if constexpr (std::is_same_v<Row, TransactionRow>) {
    index::each_transaction_field(row, f);
  } else if constexpr (std::is_same_v<Row, StepRow>) {
    index::each_step_field(row, f);
  } else {
    index::each_lease_field(row, f);
  }
}

template <class Row>
std::string columns_of(const char* prefix = "") {
  ColumnNames names;
  Row empty;
  each_field(empty, std::ref(names));
  std::string out;
  for (const std::string& name : names.names()) {
    out += (out.empty() ? "" : ", ") + (prefix + name);
  }
  return out;
}

template <class Row>
Result<void> insert(Database& database, const char* table, const std::vector<Row>& rows) {
  if (rows.empty()) return {};
  ColumnNames names;
  Row empty;
  each_field(empty, std::ref(names));
  std::string marks = "?";
  for (std::size_t i = 1; i < names.names().size(); ++i) marks += ", ?";
  const std::string sql =
      std::string("INSERT INTO ") + table + " (" + columns_of<Row>() + ") VALUES (" + marks + ")";
  for (const Row& row : rows) {
    TRY(auto statement, database.prepare(sql));
    Binder binder(statement, 1);
    each_field(row, std::ref(binder));
    TRY_VOID(statement.run());
  }
  return {};
}

template <class Row>
Result<Row> read_row(const Statement& rows) {
  Row out;
  RowReader reader(rows);
  each_field(out, std::ref(reader));
  if (reader.ok()) return out;
  return base::Error{base::Code::internal, "A row of the index cannot be read.",
                     "Build it again: obelisk-market reindex."};
}

template <class Row>
Result<std::vector<Row>> read_rows(Statement& rows) {
  std::vector<Row> out;
  for (;;) {
    TRY(const bool more, rows.step());
    if (!more) return out;
    TRY(Row row, read_row<Row>(rows));
    out.push_back(std::move(row));
  }
}

// For each of many: one statement with one text.
template <class Key>
Result<void> for_each(Database& database, std::string_view sql, const std::vector<Key>& keys) {
  for (const Key& key : keys) {
    TRY(auto statement, database.prepare(sql));
    statement.bind(1, key.to_string());
    TRY_VOID(statement.run());
  }
  return {};
}

template <class T>
Result<T> key_in(const Statement& row, int column) {
  const auto parsed = T::parse(row.text(column));
  if (parsed) return *parsed;
  return base::Error{base::Code::internal, "A key in the index cannot be read.",
                     "Build it again: obelisk-market reindex."};
}

class SqliteIndex final : public ports::IndexStore {
 public:
  explicit SqliteIndex(Database database) : database_(std::move(database)) {}

  Result<Progress> progress() override;
  Result<void> put_page(const std::vector<Listed>& news, bool first,
                        const Progress& progress) override;
  Result<std::vector<Listed>> waiting_after(std::uint64_t slot) override;
  Result<std::optional<base::Signature>> anchor(std::uint64_t slot) override;
  Result<std::optional<TransactionRow>> transaction(const base::Signature& signature) override;
  Result<std::vector<StepRow>> steps_of(const base::Signature& signature) override;
  Result<std::vector<StepRow>> steps_of_lease(const base::PublicKey& lease) override;
  Result<std::vector<TransactionRow>> provisional_to(std::uint64_t slot,
                                                     std::size_t limit) override;
  Result<std::vector<base::PublicKey>> open_leases(const base::PublicKey& after,
                                                   std::size_t limit) override;
  Result<std::vector<LeaseRow>> leases_at(const base::PublicKey& lease) override;
  Result<ports::IndexTotals> totals() override;
  Result<void> write(const ports::IndexWrite& what) override;

 private:
  Result<void> write_progress(const Progress& progress);
  Result<std::vector<StepRow>> steps(const char* where, const std::string& value);
  Result<std::uint64_t> number(const char* sql);

  std::mutex mutex_;
  Database database_;
};

Result<Progress> SqliteIndex::progress() {
  const std::lock_guard lock(mutex_);
  TRY(auto row, database_.prepare(
                    "SELECT listing_before, listing_before_slot, listing_until, listing_finalized,"
                    " listed_finalized, known_from FROM progress"));
  TRY(const bool found, row.step());
  CHECK(found);
  Progress out;
  if (!row.is_null(0)) {
    auto& cursor = out.listing.emplace();
    TRY(cursor.before, key_in<base::Signature>(row, 0));
    cursor.before_slot = static_cast<std::uint64_t>(row.integer(1));
    if (!row.is_null(2)) {
      TRY(cursor.until, key_in<base::Signature>(row, 2));
    }
  }
  out.listing_finalized = static_cast<std::uint64_t>(row.integer(3));
  out.listed_finalized = static_cast<std::uint64_t>(row.integer(4));
  out.known_from = static_cast<std::uint64_t>(row.integer(5));
  return out;
}

Result<void> SqliteIndex::write_progress(const Progress& progress) {
  TRY(auto row, database_.prepare("UPDATE progress SET listing_before = ?, listing_before_slot = ?,"
                                  " listing_until = ?, listing_finalized = ?, listed_finalized = ?,"
                                  " known_from = ?"));
  Binder binder(row, 1);
  std::optional<base::Signature> before;
  std::optional<base::Signature> until;
  std::uint64_t before_slot = 0;
  if (progress.listing) {
    before = progress.listing->before;
    before_slot = progress.listing->before_slot;
    until = progress.listing->until;
  }
  binder("", before);
  binder("", before_slot);
  binder("", until);
  binder("", progress.listing_finalized);
  binder("", progress.listed_finalized);
  binder("", progress.known_from);
  return row.run();
}

Result<void> SqliteIndex::put_page(const std::vector<Listed>& news, bool first,
                                   const Progress& progress) {
  const std::lock_guard lock(mutex_);
  TRY(auto transaction, Transaction::begin(database_));
  if (first) TRY_VOID(database_.execute("DELETE FROM waiting"));
  for (const Listed& one : news) {
    TRY(auto row, database_.prepare("INSERT INTO waiting (signature, slot) VALUES (?, ?)"
                                    " ON CONFLICT (signature) DO UPDATE SET slot = excluded.slot"));
    row.bind(1, one.signature.to_string());
    row.bind(2, as_integer(one.slot));
    TRY_VOID(row.run());
  }
  TRY_VOID(write_progress(progress));
  return transaction.commit();
}

Result<std::vector<Listed>> SqliteIndex::waiting_after(std::uint64_t slot) {
  const std::lock_guard lock(mutex_);
  TRY(auto rows,
      database_.prepare("SELECT signature, slot FROM waiting WHERE slot ="
                        " (SELECT min(slot) FROM waiting WHERE slot > ?) ORDER BY signature"));
  rows.bind(1, as_integer(slot));
  std::vector<Listed> out;
  for (;;) {
    TRY(const bool more, rows.step());
    if (!more) return out;
    TRY(const auto signature, key_in<base::Signature>(rows, 0));
    out.push_back({signature, static_cast<std::uint64_t>(rows.integer(1))});
  }
}

Result<std::optional<base::Signature>> SqliteIndex::anchor(std::uint64_t slot) {
  const std::lock_guard lock(mutex_);
  TRY(auto row,
      database_.prepare("SELECT signature FROM chain_transaction WHERE is_final = 1 AND slot <= ?1"
                        " AND slot < coalesce((SELECT min(slot) FROM waiting), ?1 + 1)"
                        " ORDER BY slot DESC, block_index DESC LIMIT 1"));
  row.bind(1, as_integer(slot));
  TRY(const bool found, row.step());
  if (!found) return std::optional<base::Signature>{};
  TRY(const auto signature, key_in<base::Signature>(row, 0));
  return std::optional(signature);
}

Result<std::optional<TransactionRow>> SqliteIndex::transaction(const base::Signature& signature) {
  const std::lock_guard lock(mutex_);
  TRY(auto row, database_.prepare("SELECT " + columns_of<TransactionRow>() +
                                  " FROM chain_transaction WHERE signature = ?"));
  row.bind(1, signature.to_string());
  TRY(auto found, read_rows<TransactionRow>(row));
  if (found.empty()) return std::optional<TransactionRow>{};
  return std::optional(std::move(found.front()));
}

Result<std::vector<StepRow>> SqliteIndex::steps(const char* where, const std::string& value) {
  TRY(auto rows, database_.prepare("SELECT " + columns_of<StepRow>("s.") +
                                   ", t.block_time_s FROM step s JOIN chain_transaction t"
                                   " ON t.signature = s.signature WHERE " +
                                   where + " = ? ORDER BY s.slot, s.block_index, s.number"));
  rows.bind(1, value);
  ColumnNames names;
  StepRow empty;
  index::each_step_field(empty, std::ref(names));
  const int time_at = static_cast<int>(names.names().size());
  std::vector<StepRow> out;
  for (;;) {
    TRY(const bool more, rows.step());
    if (!more) return out;
    TRY(StepRow row, read_row<StepRow>(rows));
    if (!rows.is_null(time_at)) row.block_time_s = rows.integer(time_at);
    out.push_back(row);
  }
}

Result<std::vector<StepRow>> SqliteIndex::steps_of(const base::Signature& signature) {
  const std::lock_guard lock(mutex_);
  return steps("s.signature", signature.to_string());
}

Result<std::vector<StepRow>> SqliteIndex::steps_of_lease(const base::PublicKey& lease) {
  const std::lock_guard lock(mutex_);
  return steps("s.lease", lease.to_string());
}

Result<std::vector<TransactionRow>> SqliteIndex::provisional_to(std::uint64_t slot,
                                                                std::size_t limit) {
  const std::lock_guard lock(mutex_);
  TRY(auto rows, database_.prepare("SELECT " + columns_of<TransactionRow>() +
                                   " FROM chain_transaction WHERE is_final = 0 AND slot <= ?"
                                   " ORDER BY slot, block_index LIMIT ?"));
  rows.bind(1, as_integer(slot));
  rows.bind(2, static_cast<std::int64_t>(limit));
  return read_rows<TransactionRow>(rows);
}

Result<std::vector<base::PublicKey>> SqliteIndex::open_leases(const base::PublicKey& after,
                                                              std::size_t limit) {
  const std::lock_guard lock(mutex_);
  TRY(auto rows, database_.prepare("SELECT DISTINCT lease FROM lease WHERE close_signature IS NULL"
                                   " AND lease > ? ORDER BY lease LIMIT ?"));
  rows.bind(1, after.is_zero() ? std::string() : after.to_string());
  rows.bind(2, static_cast<std::int64_t>(limit));
  std::vector<base::PublicKey> out;
  for (;;) {
    TRY(const bool more, rows.step());
    if (!more) return out;
    TRY(const auto lease, key_in<base::PublicKey>(rows, 0));
    out.push_back(lease);
  }
}

Result<std::vector<LeaseRow>> SqliteIndex::leases_at(const base::PublicKey& lease) {
  const std::lock_guard lock(mutex_);
  TRY(auto rows, database_.prepare("SELECT " + columns_of<LeaseRow>() +
                                   " FROM lease WHERE lease = ? ORDER BY opened_slot, opening"));
  rows.bind(1, lease.to_string());
  return read_rows<LeaseRow>(rows);
}

Result<std::uint64_t> SqliteIndex::number(const char* sql) {
  TRY(auto row, database_.prepare(sql));
  TRY(const bool found, row.step());
  return found ? static_cast<std::uint64_t>(row.integer(0)) : 0;
}

Result<ports::IndexTotals> SqliteIndex::totals() {
  const std::lock_guard lock(mutex_);
  ports::IndexTotals out;
  TRY(out.transactions, number("SELECT count(*) FROM chain_transaction"));
  TRY(out.failed, number("SELECT count(*) FROM chain_transaction WHERE error IS NOT NULL"));
  TRY(out.steps, number("SELECT count(*) FROM step"));
  TRY(out.leases, number("SELECT count(*) FROM lease"));
  TRY(out.provisional, number("SELECT count(*) FROM chain_transaction WHERE is_final = 0"));
  TRY(out.waiting, number("SELECT count(*) FROM waiting"));
  TRY(out.oldest_slot, number("SELECT min(slot) FROM chain_transaction"));
  TRY(out.newest_slot, number("SELECT max(slot) FROM chain_transaction"));
  TRY(out.newest_final_slot, number("SELECT max(slot) FROM chain_transaction WHERE is_final = 1"));
  TRY(const std::uint64_t born,
      number("SELECT program_born FROM chain_transaction ORDER BY slot, block_index LIMIT 1"));
  out.from_birth = born == 1;
  return out;
}

Result<void> SqliteIndex::write(const ports::IndexWrite& what) {
  const std::lock_guard lock(mutex_);
  TRY(auto transaction, Transaction::begin(database_));
  // Steps go with their transaction.
  TRY_VOID(for_each(database_, "DELETE FROM chain_transaction WHERE signature = ?", what.undone));
  TRY_VOID(insert(database_, "chain_transaction", what.transactions));
  TRY_VOID(insert(database_, "step", what.steps));
  TRY_VOID(for_each(database_, "UPDATE chain_transaction SET is_final = 1 WHERE signature = ?",
                    what.settled));
  for (const ports::FoldedLease& folded : what.leases) {
    TRY_VOID(for_each(database_, "DELETE FROM lease WHERE lease = ?", std::vector{folded.lease}));
    TRY_VOID(insert(database_, "lease", folded.rows));
  }
  TRY_VOID(for_each(database_, "DELETE FROM waiting WHERE signature = ?", what.done));
  if (what.progress) TRY_VOID(write_progress(*what.progress));
  return transaction.commit();
}

Result<std::optional<base::PublicKey>> stored_program(Database& database) {
  TRY(auto row, database.prepare("SELECT program FROM progress"));
  TRY(const bool found, row.step());
  if (!found) return std::optional<base::PublicKey>{};
  TRY(const auto program, key_in<base::PublicKey>(row, 0));
  return std::optional(program);
}

base::Error cannot(const std::string& what, const std::string& path) {
  return {base::Code::missing_dependency,
          path + " cannot be " + what + ": " + std::strerror(errno) + ".",
          "Check that the state folder can be written and has room."};
}

Result<void> sync(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return cannot("opened", path);
  const int done = ::fsync(file);
  ::close(file);
  if (done != 0) return cannot("made durable", path);
  return {};
}

// Without a log beside it: one that was left there would be played into the next file of this name.
void remove_with_logs(const std::string& path) {
  for (const char* end : {"", "-wal", "-shm", "-journal"}) ::unlink((path + end).c_str());
}

}  // namespace

Result<std::unique_ptr<ports::IndexStore>> open_index(const std::string& path,
                                                      const base::PublicKey& program) {
  TRY(auto database, Database::open(path));
  TRY_VOID(migrate(database, index_migrations()));
  TRY(auto row, database.prepare("INSERT INTO progress VALUES (1, ?, NULL, 0, NULL, 0, 0, 0)"
                                 " ON CONFLICT DO NOTHING"));
  row.bind(1, program.to_string());
  TRY_VOID(row.run());
  TRY(const auto stored, stored_program(database));
  if (stored != program) {
    return base::Error{base::Code::refused,
                       path + " is the index of another program" +
                           (stored ? ", " + stored->to_string() : std::string()) + ".",
                       "Name another state folder, or move that file away."};
  }
  return std::unique_ptr<ports::IndexStore>(std::make_unique<SqliteIndex>(std::move(database)));
}

Result<std::optional<base::PublicKey>> program_of_index(const std::string& path) {
  std::error_code failed;
  if (!std::filesystem::exists(path, failed)) return std::optional<base::PublicKey>{};
  TRY(auto database, Database::open(path));
  return stored_program(database);
}

Result<void> replace_index(const std::string& built, const std::string& path) {
  {
    TRY(auto database, Database::open(built));
    TRY_VOID(database.execute("PRAGMA journal_mode = DELETE"));  // all of it in the one file
  }
  TRY_VOID(sync(built));
  // The last one to close it takes its log in and away. Where it cannot even be opened, it is no
  // index any more, and goes with its log.
  const bool was_sound = program_of_index(path).ok();
  if (!was_sound || std::filesystem::exists(path + "-wal")) remove_with_logs(path);
  if (std::rename(built.c_str(), path.c_str()) != 0) return cannot("put in place", path);
  return sync(std::filesystem::path(path).parent_path());
}

}  // namespace obelisk::sqlite
