// One connection to one SQLite file, and statements on it, as values that free themselves. Every
// failure becomes a base::Error with a word on what to do. It must never be used from two threads
// at once: its owner holds a lock.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace obelisk::sqlite {

// A prepared statement: bind in order from 1, step, read columns from 0.
class Statement {
 public:
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}

  void bind(int index, std::int64_t value);
  void bind(int index, std::string_view text);
  void bind_null(int index);

  // True: there is a row to read; false: done.
  base::Result<bool> step();
  base::Result<void> run();  // for what gives no rows

  std::int64_t integer(int column) const;
  std::string text(int column) const;
  bool is_null(int column) const;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

class Database {
 public:
  // Creates the file (mode 0600) where there is none. WAL, every commit on disk before it returns.
  static base::Result<Database> open(const std::string& path);
  // A file that is there, as it is: nothing of it is changed by opening it.
  static base::Result<Database> open_plain(const std::string& path);

  base::Result<Statement> prepare(std::string_view sql);
  // One or more statements without parameters or rows.
  base::Result<void> execute(const char* sql);
  // Rows that the last UPDATE, INSERT or DELETE touched.
  int changes() const;
  std::int64_t last_id() const;
  // All of it as it is at one moment, in the place of what `target` holds. Waits for others so
  // often and so long.
  base::Result<void> copy_into(Database& target, int tries, int pause_ms);
  // Whether a constraint refused the last statement.
  static bool is_constraint(const base::Error& error);

 private:
  struct Close {
    void operator()(sqlite3* handle) const;
  };
  explicit Database(sqlite3* handle) : handle_(handle) {}
  std::unique_ptr<sqlite3, Close> handle_;
};

// A write transaction: rolled back unless committed.
class Transaction {
 public:
  static base::Result<Transaction> begin(Database& database);
  Transaction(Transaction&& other) noexcept;
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();
  base::Result<void> commit();

 private:
  explicit Transaction(Database& database) : database_(&database) {}
  Database* database_;
};

}  // namespace obelisk::sqlite
