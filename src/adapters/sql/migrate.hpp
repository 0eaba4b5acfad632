// Numbered schema steps over any SQL database: which are there, whether they are ours, what is
// missing. To be called inside one transaction, with the table `schema_step` made.
#pragma once

#include <span>
#include <string>

#include "base/check.hpp"
#include "base/crypto.hpp"
#include "base/result.hpp"

namespace obelisk::sql {

template <class Database>
base::Result<void> check_known(Database& database, std::span<const char* const> steps) {
  TRY(auto rows, database.prepare("SELECT number, checksum FROM schema_step ORDER BY number"));
  for (;;) {
    TRY(const bool more, rows.step());
    if (!more) return {};
    const auto number = static_cast<std::size_t>(rows.integer(0));
    const bool known =
        number >= 1 && number <= steps.size() &&
        rows.text(1) == base::to_hex(base::sha256(base::view_of(steps[number - 1])).view());
    if (!known) {
      return base::Error{
          base::Code::unsupported, "The database was made by another version of this program.",
          "Use that version, or move the file away: money is on chain, not in it.", 0};
    }
  }
}

template <class Database>
base::Result<std::size_t> count_done(Database& database) {
  TRY(auto row, database.prepare("SELECT count(*) FROM schema_step"));
  TRY(const bool found, row.step());
  CHECK(found);
  return static_cast<std::size_t>(row.integer(0));
}

template <class Database>
base::Result<void> apply_steps(Database& database, std::span<const char* const> steps) {
  TRY_VOID(check_known(database, steps));
  TRY(const std::size_t done, count_done(database));
  for (std::size_t i = done; i < steps.size(); ++i) {
    TRY_VOID(database.execute(steps[i]));
    TRY(auto row, database.prepare("INSERT INTO schema_step (number, checksum) VALUES (?, ?)"));
    row.bind(1, static_cast<std::int64_t>(i + 1));
    row.bind(2, base::to_hex(base::sha256(base::view_of(steps[i])).view()));
    TRY_VOID(row.run());
  }
  return {};
}

}  // namespace obelisk::sql
