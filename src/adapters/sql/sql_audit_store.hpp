// The AuditStore in the SQL that SQLite and PostgreSQL both speak; Backend as in sql_store.hpp.
// Triggers in the database refuse what would change or cut it.
#pragma once

#include <algorithm>
#include <limits>

#include "adapters/sql/returned.hpp"
#include "ports/audit_store.hpp"

namespace obelisk::sql {

template <class Backend>
class SqlAuditStore final : public ports::AuditStore {
 public:
  using Database = typename Backend::Database;
  template <class T>
  using Result = base::Result<T>;

  explicit SqlAuditStore(Backend backend) : backend_(std::move(backend)) {}

  Result<std::uint64_t> add(const ports::AuditRow& row) override {
    return backend_.write([&](Database& database) -> Result<std::uint64_t> {
      TRY(auto insert, database.prepare("INSERT INTO audit (at_ms, who, what, subject, words) "
                                        "VALUES (?, ?, ?, ?, ?) RETURNING seq"));
      insert.bind(1, row.at_ms);
      insert.bind(2, row.who);
      insert.bind(3, row.what);
      insert.bind(4, row.subject);
      insert.bind(5, row.words);
      return returned(insert);
    });
  }

  Result<std::vector<ports::AuditRow>> newest(std::uint64_t before_seq,
                                              std::size_t limit) override {
    constexpr std::uint64_t kLargest = std::numeric_limits<std::int64_t>::max();
    const std::uint64_t before = before_seq == 0 ? kLargest : std::min(before_seq, kLargest);
    return backend_.read([&](Database& database) -> Result<std::vector<ports::AuditRow>> {
      TRY(auto rows, database.prepare("SELECT seq, at_ms, who, what, subject, words FROM audit "
                                      "WHERE seq < ? ORDER BY seq DESC LIMIT ?"));
      rows.bind(1, static_cast<std::int64_t>(before));
      rows.bind(2, static_cast<std::int64_t>(std::min<std::uint64_t>(limit, kLargest)));
      std::vector<ports::AuditRow> out;
      while (true) {
        TRY(const bool more, rows.step());
        if (!more) return out;
        out.push_back({static_cast<std::uint64_t>(rows.integer(0)), rows.integer(1), rows.text(2),
                       rows.text(3), rows.text(4), rows.text(5)});
      }
    });
  }

 private:
  Backend backend_;
};

}  // namespace obelisk::sql
