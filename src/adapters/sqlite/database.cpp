#include "adapters/sqlite/database.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace obelisk::sqlite {
namespace {

constexpr int kBusyTimeoutMs = 5000;

base::Error error_of(sqlite3* handle) {
  const int code = handle == nullptr ? SQLITE_NOMEM : sqlite3_errcode(handle);
  const char* words = handle == nullptr ? "out of memory" : sqlite3_errmsg(handle);
  base::Error error{base::Code::internal, "The database said no: " + std::string(words) + ".",
                    "Look at the market's log.", 0};
  switch (code & 0xff) {
    case SQLITE_CONSTRAINT: error.code = base::Code::conflict; break;
    case SQLITE_BUSY:
      error.code = base::Code::timeout;
      error.action = "Another program holds the database. End it, then try again.";
      break;
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
      error.code = base::Code::missing_dependency;
      error.action = "Make room on the disk and check that the state folder can be written.";
      break;
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
      error.action = "Move the database file away and start again: money is on chain, not in it.";
      break;
    default: break;
  }
  return error;
}

}  // namespace

void Statement::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

void Statement::bind(int index, std::int64_t value) {
  CHECK(sqlite3_bind_int64(statement_.get(), index, value) == SQLITE_OK);
}

void Statement::bind(int index, std::string_view text) {
  const int result = sqlite3_bind_text64(statement_.get(), index, text.data(), text.size(),
                                         SQLITE_TRANSIENT, SQLITE_UTF8);
  CHECK(result == SQLITE_OK);
}

void Statement::bind_null(int index) {
  CHECK(sqlite3_bind_null(statement_.get(), index) == SQLITE_OK);
}

base::Result<bool> Statement::step() {
  const int result = sqlite3_step(statement_.get());
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) return false;
  return error_of(sqlite3_db_handle(statement_.get()));
}

base::Result<void> Statement::run() {
  auto row = step();
  if (!row) return row.error();
  CHECK(!*row);
  return {};
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

std::string Statement::text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
  if (text == nullptr) return {};
  return {text, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

void Database::Close::operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }

base::Result<Database> Database::open(const std::string& path) {
  // SQLite would create the file readable by everybody. One that is there is not opened here: to
  // close it would let go of every lock that this process has on it, and another process would take
  // the log away from under us.
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0 && errno != EEXIST) {
    return base::Error{base::Code::missing_dependency,
                       "The database " + path + " cannot be opened: " + std::strerror(errno) + ".",
                       "Check that the state folder exists and can be written.", 0};
  }
  if (file >= 0) ::close(file);
  sqlite3* handle = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int result = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  Database database(handle);
  if (result != SQLITE_OK) return error_of(handle);
  sqlite3_busy_timeout(handle, kBusyTimeoutMs);
  TRY_VOID(database.execute(
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
      "PRAGMA trusted_schema = OFF;"));
  return database;
}

base::Result<Database> Database::open_plain(const std::string& path) {
  sqlite3* handle = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int result = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  Database database(handle);
  if (result != SQLITE_OK) return error_of(handle);
  sqlite3_busy_timeout(handle, kBusyTimeoutMs);
  return database;
}

base::Result<void> Database::copy_into(Database& target, int tries, int pause_ms) {
  sqlite3_backup* copy = sqlite3_backup_init(target.handle_.get(), "main", handle_.get(), "main");
  if (copy == nullptr) return error_of(target.handle_.get());
  int result = sqlite3_backup_step(copy, -1);
  for (int i = 1; i < tries && (result == SQLITE_BUSY || result == SQLITE_LOCKED); ++i) {
    sqlite3_sleep(pause_ms);
    result = sqlite3_backup_step(copy, -1);
  }
  sqlite3_backup_finish(copy);  // leaves why it failed with the target
  if (result == SQLITE_DONE) return {};
  return error_of(target.handle_.get());
}

base::Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int result = sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()), 0,
                                        &statement, nullptr);
  if (result != SQLITE_OK) return error_of(handle_.get());
  return Statement(statement);
}

base::Result<void> Database::execute(const char* sql) {
  if (sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr) == SQLITE_OK) return {};
  return error_of(handle_.get());
}

int Database::changes() const { return sqlite3_changes(handle_.get()); }

std::int64_t Database::last_id() const { return sqlite3_last_insert_rowid(handle_.get()); }

bool Database::is_constraint(const base::Error& error) {
  return error.code == base::Code::conflict;
}

base::Result<Transaction> Transaction::begin(Database& database) {
  TRY_VOID(database.execute("BEGIN IMMEDIATE"));
  return Transaction(database);
}

Transaction::Transaction(Transaction&& other) noexcept : database_(other.database_) {
  other.database_ = nullptr;
}

Transaction::~Transaction() {
  // Where the rollback fails too, SQLite has rolled back by itself.
  if (database_ != nullptr) (void)database_->execute("ROLLBACK");
}

base::Result<void> Transaction::commit() {
  TRY_VOID(database_->execute("COMMIT"));
  database_ = nullptr;
  return {};
}

}  // namespace obelisk::sqlite
