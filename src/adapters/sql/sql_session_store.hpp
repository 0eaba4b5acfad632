// The SessionStore in the SQL that SQLite and PostgreSQL both speak; Backend as in sql_store.hpp.
#pragma once

#include <algorithm>
#include <limits>

#include "adapters/sql/store_text.hpp"
#include "ports/session_store.hpp"

namespace obelisk::sql {

template <class Backend>
class SqlSessionStore final : public ports::SessionStore {
 public:
  using Database = typename Backend::Database;
  using Statement = typename Backend::Statement;
  template <class T>
  using Result = base::Result<T>;
  using Row = ports::SessionRow;

  explicit SqlSessionStore(Backend backend) : backend_(std::move(backend)) {}

  Result<void> insert(const Row& row) override {
    return backend_.write([&](Database& database) -> Result<void> {
      TRY(auto insert, database.prepare("INSERT INTO session (id, token_hash, wallet, nonce, "
                                        "label, created_ms, expires_ms, revoked) "
                                        "VALUES (?, ?, ?, ?, ?, ?, ?, 0)"));
      insert.bind(1, row.id);
      insert.bind(2, base::to_hex(row.token_hash.view()));
      insert.bind(3, row.wallet.to_string());
      insert.bind(4, row.nonce);
      insert.bind(5, row.label);
      insert.bind(6, row.created_ms);
      insert.bind(7, row.expires_ms);
      const auto done = insert.run();
      if (!done && Database::is_constraint(done.error())) return challenge_used();
      return done;
    });
  }

  Result<std::optional<Row>> by_token(const base::Hash& token_hash,
                                      base::UnixMillis now_ms) override {
    return backend_.read([&](Database& database) -> Result<std::optional<Row>> {
      TRY(auto rows, database.prepare(select_where("token_hash = ? AND revoked = 0 AND "
                                                   "expires_ms > ?")));
      rows.bind(1, base::to_hex(token_hash.view()));
      rows.bind(2, now_ms);
      TRY(const bool found, rows.step());
      if (!found) return std::optional<Row>();
      TRY(auto row, read(rows));
      return std::optional(std::move(row));
    });
  }

  Result<std::vector<Row>> of_wallet(const base::PublicKey& wallet, base::UnixMillis now_ms,
                                     const std::optional<ports::ListPlace>& after,
                                     std::size_t limit) override {
    return backend_.read([&](Database& database) -> Result<std::vector<Row>> {
      TRY(auto rows,
          database.prepare(select_where("wallet = ? AND revoked = 0 AND expires_ms > ? AND "
                                        "(created_ms < ? OR (created_ms = ? AND id > ?)) "
                                        "ORDER BY created_ms DESC, id LIMIT ?")));
      constexpr std::int64_t kLargest = std::numeric_limits<std::int64_t>::max();
      const ports::ListPlace from = after.value_or(ports::ListPlace{kLargest, ""});
      rows.bind(1, wallet.to_string());
      rows.bind(2, now_ms);
      rows.bind(3, from.at_ms);
      rows.bind(4, from.at_ms);
      rows.bind(5, from.name);
      rows.bind(6, static_cast<std::int64_t>(std::min<std::uint64_t>(limit, kLargest)));
      std::vector<Row> out;
      while (true) {
        TRY(const bool more, rows.step());
        if (!more) return out;
        TRY(auto row, read(rows));
        out.push_back(std::move(row));
      }
    });
  }

  Result<bool> revoke(const base::PublicKey& wallet, const std::string& id) override {
    return backend_.write([&](Database& database) -> Result<bool> {
      TRY(auto update, database.prepare("UPDATE session SET revoked = 1 "
                                        "WHERE wallet = ? AND id = ? AND revoked = 0"));
      update.bind(1, wallet.to_string());
      update.bind(2, id);
      TRY_VOID(update.run());
      return database.changes() == 1;
    });
  }

  Result<std::uint64_t> forget(base::UnixMillis expired_before_ms) override {
    return backend_.write([&](Database& database) -> Result<std::uint64_t> {
      TRY(auto remove, database.prepare("DELETE FROM session WHERE expires_ms < ?"));
      remove.bind(1, expired_before_ms);
      TRY_VOID(remove.run());
      return static_cast<std::uint64_t>(database.changes());
    });
  }

 private:
  static Result<Row> read(const Statement& row) {
    const auto hash = base::from_hex(row.text(1));
    const auto token_hash = hash ? base::Hash::from(*hash) : std::nullopt;
    const auto wallet = base::PublicKey::parse(row.text(2));
    if (!token_hash || !wallet) return unreadable("A session");
    return Row{row.text(0), *token_hash,    *wallet,       row.text(3),
               row.text(4), row.integer(5), row.integer(6)};
  }

  static std::string select_where(const char* condition) {
    return std::string("SELECT id, token_hash, wallet, nonce, label, created_ms, expires_ms ") +
           "FROM session WHERE " + condition;
  }

  Backend backend_;
};

}  // namespace obelisk::sql
