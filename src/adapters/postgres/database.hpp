// One connection to a PostgreSQL server and statements on it, with the words of adapters/sql. `?`
// stands for a parameter, as in SQLite. Every failure becomes a base::Error with a word on what to
// do. It must never be used from two threads at once: its owner holds it alone.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

struct pg_conn;
struct pg_result;

namespace obelisk::postgres {

class Database;

// A prepared statement: bind in order from 1, step, read columns from 0. Its Database must outlive
// it.
class Statement {
 public:
  Statement(Database& database, const std::string& name, int parameters);

  void bind(int index, std::int64_t value);
  void bind(int index, std::string_view text);
  void bind_null(int index);

  // True: there is a row to read; false: done.
  base::Result<bool> step();
  base::Result<void> run();  // for what gives no rows

  // 0 and empty where it is NULL. A number that is none is a mistake in a statement: it is fatal.
  std::int64_t integer(int column) const;
  std::string text(int column) const;
  bool is_null(int column) const;

 private:
  struct Clear {
    void operator()(pg_result* result) const;
  };
  Database& database_;
  const std::string& name_;
  std::vector<std::optional<std::string>> values_;
  std::unique_ptr<pg_result, Clear> result_;
  int row_ = -1;
};

class Database {
 public:
  // `conninfo` is libpq's: a URI or key=value pairs. The server has 5 s to answer.
  static base::Result<Database> open(const std::string& conninfo);

  base::Result<Statement> prepare(std::string_view sql);
  // One or more statements without parameters or rows.
  base::Result<void> execute(const char* sql);
  // Rows that the last UPDATE, INSERT or DELETE touched.
  int changes() const { return changes_; }
  // False once the server is gone: then nothing more can be had from this connection.
  bool is_alive() const;

  // Whether a constraint refused the last statement.
  static bool is_constraint(const base::Error& error);
  // Whether the last transaction that failed may be tried again: it stood in another's way.
  bool may_try_again() const { return try_again_; }

 private:
  friend class Statement;
  friend class Transaction;
  struct Finish {
    void operator()(pg_conn* connection) const;
  };
  explicit Database(pg_conn* connection) : connection_(connection) {}
  base::Error error_of(const pg_result* result);

  std::unique_ptr<pg_conn, Finish> connection_;
  std::map<std::string, std::pair<std::string, int>, std::less<>> prepared_;  // by their SQL
  int changes_ = 0;
  bool try_again_ = false;
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

}  // namespace obelisk::postgres
