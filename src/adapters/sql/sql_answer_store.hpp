// The AnswerStore in the SQL that SQLite and PostgreSQL both speak; Backend as in sql_store.hpp.
#pragma once

#include <algorithm>
#include <limits>

#include "adapters/sql/store_text.hpp"
#include "ports/answer_store.hpp"

namespace obelisk::sql {

template <class Backend>
class SqlAnswerStore final : public ports::AnswerStore {
 public:
  using Database = typename Backend::Database;
  template <class T>
  using Result = base::Result<T>;
  using Row = ports::AnswerRow;

  explicit SqlAnswerStore(Backend backend) : backend_(std::move(backend)) {}

  Result<std::optional<Row>> find(const std::string& caller, const std::string& key) override {
    return backend_.read([&](Database& database) { return one(database, caller, key); });
  }

  Result<Row> keep(const Row& row, base::UnixMillis not_before_ms, std::size_t most) override {
    return backend_.write([&](Database& database) -> Result<Row> {
      TRY(auto insert,
          database.prepare(
              "INSERT INTO answer (caller, idempotency_key, asked, status, location, "
              "body, given_ms) VALUES (?, ?, ?, ?, ?, ?, ?) "
              "ON CONFLICT (caller, idempotency_key) DO UPDATE SET asked = excluded.asked, "
              "status = excluded.status, location = excluded.location, "
              "body = excluded.body, given_ms = excluded.given_ms "
              "WHERE answer.given_ms < ?"));
      insert.bind(1, row.caller);
      insert.bind(2, row.key);
      insert.bind(3, base::to_hex(row.asked.view()));
      insert.bind(4, static_cast<std::int64_t>(row.status));
      insert.bind(5, row.location);
      insert.bind(6, row.body);
      insert.bind(7, row.given_ms);
      insert.bind(8, not_before_ms);
      TRY_VOID(insert.run());
      TRY(auto kept, one(database, row.caller, row.key));
      if (!kept) return unreadable("An answer");
      TRY(auto remove,
          database.prepare("DELETE FROM answer WHERE caller = ? AND idempotency_key IN (SELECT "
                           "idempotency_key FROM answer WHERE caller = ? ORDER BY given_ms DESC, "
                           "idempotency_key LIMIT 1000 OFFSET ?)"));
      remove.bind(1, row.caller);
      remove.bind(2, row.caller);
      remove.bind(3, bounded(most));
      TRY_VOID(remove.run());
      return *std::move(kept);
    });
  }

  Result<std::uint64_t> forget(base::UnixMillis given_before_ms, std::size_t most) override {
    return backend_.write([&](Database& database) -> Result<std::uint64_t> {
      TRY(auto old, database.prepare("DELETE FROM answer WHERE given_ms < ?"));
      old.bind(1, given_before_ms);
      TRY_VOID(old.run());
      auto gone = static_cast<std::uint64_t>(database.changes());
      TRY(auto many,
          database.prepare("DELETE FROM answer WHERE given_ms <= (SELECT given_ms FROM answer "
                           "ORDER BY given_ms DESC LIMIT 1 OFFSET ?)"));
      many.bind(1, bounded(most));
      TRY_VOID(many.run());
      gone += static_cast<std::uint64_t>(database.changes());
      return gone;
    });
  }

 private:
  static std::int64_t bounded(std::size_t count) {
    return static_cast<std::int64_t>(
        std::min<std::uint64_t>(count, std::numeric_limits<std::int64_t>::max()));
  }
  static Result<std::optional<Row>> one(Database& database, const std::string& caller,
                                        const std::string& key) {
    TRY(auto rows, database.prepare("SELECT asked, status, location, body, given_ms FROM answer "
                                    "WHERE caller = ? AND idempotency_key = ?"));
    rows.bind(1, caller);
    rows.bind(2, key);
    TRY(const bool found, rows.step());
    if (!found) return std::optional<Row>();
    const auto hash = base::from_hex(rows.text(0));
    const auto asked = hash ? base::Hash::from(*hash) : std::nullopt;
    if (!asked) return unreadable("An answer");
    return std::optional(Row{caller, key, *asked, static_cast<int>(rows.integer(1)), rows.text(2),
                             rows.text(3), rows.integer(4)});
  }

  Backend backend_;
};

}  // namespace obelisk::sql
