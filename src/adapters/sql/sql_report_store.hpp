// The ReportStore in the SQL that SQLite and PostgreSQL both speak; Backend as in sql_store.hpp.
#pragma once

#include <algorithm>
#include <limits>

#include "adapters/sql/returned.hpp"
#include "adapters/sql/store_text.hpp"
#include "ports/report_store.hpp"

namespace obelisk::sql {

template <class Backend>
class SqlReportStore final : public ports::ReportStore {
 public:
  using Database = typename Backend::Database;
  using Statement = typename Backend::Statement;
  template <class T>
  using Result = base::Result<T>;
  using Rows = std::vector<ports::ReportRow>;

  explicit SqlReportStore(Backend backend) : backend_(std::move(backend)) {}

  Result<std::uint64_t> add(const ports::ReportRow& row) override {
    return backend_.write([&](Database& database) -> Result<std::uint64_t> {
      TRY(auto insert,
          database.prepare("INSERT INTO report (signature, at_ms, host, lease, reason, words, "
                           "reporter, remote_address, said) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) "
                           "ON CONFLICT (signature) DO NOTHING"));
      insert.bind(1, row.signature.to_string());
      insert.bind(2, row.at_ms);
      insert.bind(3, row.host.to_string());
      if (row.lease) {
        insert.bind(4, row.lease->to_string());
      } else {
        insert.bind_null(4);
      }
      insert.bind(5, row.reason);
      insert.bind(6, row.text);
      insert.bind(7, row.reporter.to_string());
      insert.bind(8, row.remote_address);
      insert.bind(9, row.said);
      TRY_VOID(insert.run());
      TRY(auto kept, database.prepare("SELECT seq FROM report WHERE signature = ?"));
      kept.bind(1, row.signature.to_string());
      return returned(kept);
    });
  }

  Result<std::optional<ports::ReportRow>> by_signature(const base::Signature& signature) override {
    TRY(Rows found, select("WHERE signature = ?",
                           [&](Statement& rows) { rows.bind(1, signature.to_string()); }));
    if (found.empty()) return std::optional<ports::ReportRow>();
    return std::optional(std::move(found.front()));
  }

  Result<ports::ReportCounts> counts(const base::PublicKey& reporter,
                                     std::string_view remote_address,
                                     base::UnixMillis since_ms) override {
    return backend_.read([&](Database& database) -> Result<ports::ReportCounts> {
      ports::ReportCounts out;
      TRY(auto mine, database.prepare("SELECT count(*) FROM report WHERE reporter = ? AND "
                                      "at_ms >= ?"));
      mine.bind(1, reporter.to_string());
      mine.bind(2, since_ms);
      TRY(out.by_reporter, returned(mine));
      TRY(auto there, database.prepare("SELECT count(*) FROM report WHERE remote_address = ? AND "
                                       "at_ms >= ?"));
      there.bind(1, remote_address);
      there.bind(2, since_ms);
      TRY(out.from_address, returned(there));
      TRY(auto loose, database.prepare("SELECT count(*) FROM report WHERE lease IS NULL AND "
                                       "at_ms >= ?"));
      loose.bind(1, since_ms);
      TRY(out.without_lease, returned(loose));
      return out;
    });
  }

  Result<Rows> newest(std::uint64_t before_seq, std::size_t limit) override {
    constexpr std::uint64_t kLargest = std::numeric_limits<std::int64_t>::max();
    const std::uint64_t before = before_seq == 0 ? kLargest : std::min(before_seq, kLargest);
    return select("WHERE seq < ? ORDER BY seq DESC LIMIT ?", [&](Statement& rows) {
      rows.bind(1, static_cast<std::int64_t>(before));
      rows.bind(2, static_cast<std::int64_t>(std::min<std::uint64_t>(limit, kLargest)));
    });
  }

 private:
  template <class Bind>
  Result<Rows> select(const std::string& where, const Bind& bind) {
    return backend_.read([&](Database& database) -> Result<Rows> {
      TRY(auto rows, database.prepare("SELECT seq, at_ms, host, lease, reason, words, reporter, "
                                      "remote_address, said, signature FROM report " +
                                      where));
      bind(rows);
      Rows out;
      while (true) {
        TRY(const bool more, rows.step());
        if (!more) return out;
        ports::ReportRow& row = out.emplace_back();
        const auto host = base::PublicKey::parse(rows.text(2));
        const auto reporter = base::PublicKey::parse(rows.text(6));
        const auto signature = base::Signature::parse(rows.text(9));
        if (!host || !reporter || !signature) return unreadable("A report");
        row = {static_cast<std::uint64_t>(rows.integer(0)),
               rows.integer(1),
               *host,
               {},
               rows.text(4),
               rows.text(5),
               *reporter,
               rows.text(7),
               rows.text(8),
               *signature};
        if (!rows.is_null(3)) row.lease = base::PublicKey::parse(rows.text(3));
      }
    });
  }

  Backend backend_;
};

}  // namespace obelisk::sql
