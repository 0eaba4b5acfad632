// SqlHistoryStore: the HistoryStore port over the same databases as SqlStore, whose table `lease`
// it reads the logins from. It must never write there.
#pragma once

#include <limits>

#include "ports/history_store.hpp"

namespace obelisk::sql {

template <class Backend>
class SqlHistoryStore final : public ports::HistoryStore {
 public:
  using Database = typename Backend::Database;
  using Statement = typename Backend::Statement;
  template <class T>
  using Result = base::Result<T>;
  using Sample = market::history::Sample;
  using Login = market::history::Login;

  explicit SqlHistoryStore(Backend backend) : backend_(std::move(backend)) {}

  Result<std::uint64_t> add(const std::vector<Sample>& samples) override {
    return backend_.write([&](Database& database) -> Result<std::uint64_t> {
      std::uint64_t added = 0;
      for (const Sample& sample : samples) {
        TRY(auto insert, database.prepare(kInsert));
        bind(insert, sample);
        TRY_VOID(insert.run());
        added += static_cast<std::uint64_t>(database.changes());
      }
      return added;
    });
  }

  Result<std::vector<Sample>> read(const ports::HistoryRange& range) override {
    return backend_.read([&](Database& database) -> Result<std::vector<Sample>> {
      TRY(auto rows, database.prepare(kSelect));
      rows.bind(1, range.kind.card);
      rows.bind(2, std::int64_t{range.kind.simulated ? 1 : 0});
      rows.bind(3, range.from_ms);
      rows.bind(4, range.to_ms);
      rows.bind(5, static_cast<std::int64_t>(range.limit));
      std::vector<Sample> out;
      while (true) {
        TRY(const bool more, rows.step());
        if (!more) return out;
        Sample& sample = out.emplace_back(sample_of(rows));
        sample.kind = range.kind;
      }
    });
  }

  Result<std::optional<base::UnixMillis>> newest() override {
    return backend_.read([](Database& database) -> Result<std::optional<base::UnixMillis>> {
      TRY(auto row, database.prepare("SELECT max(slot_ms) FROM card_sample"));
      TRY(const bool found, row.step());
      if (!found || row.is_null(0)) return std::optional<base::UnixMillis>();
      return std::optional(row.integer(0));
    });
  }

  Result<std::set<market::CardKind>> kinds() override {
    return backend_.read([](Database& database) -> Result<std::set<market::CardKind>> {
      TRY(auto rows, database.prepare("SELECT DISTINCT card, simulated FROM card_sample"));
      std::set<market::CardKind> out;
      while (true) {
        TRY(const bool more, rows.step());
        if (!more) return out;
        out.insert({rows.text(0), rows.integer(1) != 0});
      }
    });
  }

  Result<std::uint64_t> forget(base::UnixMillis before_ms) override {
    return backend_.write([&](Database& database) -> Result<std::uint64_t> {
      TRY(auto remove, database.prepare("DELETE FROM card_sample WHERE slot_ms < ?"));
      remove.bind(1, before_ms);
      TRY_VOID(remove.run());
      return static_cast<std::uint64_t>(database.changes());
    });
  }

  Result<std::vector<Login>> logins(base::UnixMillis after_ms, base::UnixMillis until_ms) override {
    return backend_.read([&](Database& database) -> Result<std::vector<Login>> {
      TRY(auto rows, database.prepare(kLogins));
      rows.bind(1, after_ms);
      rows.bind(2, until_ms);
      std::vector<Login> out;
      while (true) {
        TRY(const bool more, rows.step());
        if (!more) return out;
        out.push_back(
            {{rows.text(0), rows.integer(1) != 0}, static_cast<std::uint64_t>(rows.integer(2))});
      }
    });
  }

 private:
  static constexpr const char* kInsert =
      "INSERT INTO card_sample (card, simulated, slot_ms, from_micro_usd, from_lamports, "
      "free_cards, used_cards, listed_cards, logins, login_p50_ms, login_p95_ms) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (card, simulated, slot_ms) DO NOTHING";
  static constexpr const char* kSelect =
      "SELECT slot_ms, from_micro_usd, from_lamports, free_cards, used_cards, listed_cards, "
      "logins, login_p50_ms, login_p95_ms FROM card_sample "
      "WHERE card = ? AND simulated = ? AND slot_ms >= ? AND slot_ms < ? ORDER BY slot_ms LIMIT ?";
  // Only a clock that was set back makes a wait negative; then nobody knows it.
  static constexpr const char* kLogins =
      "SELECT card, simulated, first_login_ms - confirmed_ms FROM lease "
      "WHERE first_login_ms > 0 AND first_login_ms > ? AND first_login_ms <= ? "
      "AND confirmed_ms > 0 AND first_login_ms >= confirmed_ms ORDER BY first_login_ms, lease";

  static std::int64_t number(std::uint64_t value) { return static_cast<std::int64_t>(value); }
  static void bind_maybe(Statement& to, int index, const std::optional<std::uint64_t>& value) {
    if (value) return to.bind(index, number(*value));
    to.bind_null(index);
  }
  static void bind(Statement& to, const Sample& sample) {
    to.bind(1, sample.kind.card);
    to.bind(2, std::int64_t{sample.kind.simulated ? 1 : 0});
    to.bind(3, sample.slot_ms);
    bind_maybe(to, 4, sample.from_micro_usd_per_hour);
    bind_maybe(to, 5, sample.from_lamports_per_hour);
    to.bind(6, number(sample.free));
    to.bind(7, number(sample.used));
    to.bind(8, number(sample.listed));
    to.bind(9, number(sample.logins));
    bind_maybe(to, 10, sample.login_p50_ms);
    bind_maybe(to, 11, sample.login_p95_ms);
  }
  static std::optional<std::uint64_t> maybe(const Statement& row, int column) {
    if (row.is_null(column)) return std::nullopt;
    return static_cast<std::uint64_t>(row.integer(column));
  }
  static Sample sample_of(const Statement& row) {
    Sample out;
    out.slot_ms = row.integer(0);
    out.from_micro_usd_per_hour = maybe(row, 1);
    out.from_lamports_per_hour = maybe(row, 2);
    out.free = static_cast<std::uint64_t>(row.integer(3));
    out.used = static_cast<std::uint64_t>(row.integer(4));
    out.listed = static_cast<std::uint64_t>(row.integer(5));
    out.logins = static_cast<std::uint64_t>(row.integer(6));
    out.login_p50_ms = maybe(row, 7);
    out.login_p95_ms = maybe(row, 8);
    return out;
  }

  Backend backend_;
};

}  // namespace obelisk::sql
