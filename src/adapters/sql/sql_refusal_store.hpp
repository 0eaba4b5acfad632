// The RefusalStore in the SQL that SQLite and PostgreSQL both speak; Backend as in sql_store.hpp.
#pragma once

#include <algorithm>

#include "ports/refusal_store.hpp"

namespace obelisk::sql {

template <class Backend>
class SqlRefusalStore final : public ports::RefusalStore {
 public:
  using Database = typename Backend::Database;
  template <class T>
  using Result = base::Result<T>;

  explicit SqlRefusalStore(Backend backend) : backend_(std::move(backend)) {}

  Result<bool> put(const ports::Refusal& refusal) override {
    return backend_.write([&](Database& database) -> Result<bool> {
      TRY(auto update, database.prepare("UPDATE refusal SET at_ms = ?, why = ? WHERE address = ?"));
      update.bind(1, refusal.at_ms);
      update.bind(2, refusal.why);
      update.bind(3, refusal.address.to_string());
      TRY_VOID(update.run());
      if (database.changes() == 1) return true;
      TRY(auto insert,
          database.prepare("INSERT INTO refusal (at_ms, why, address) VALUES (?, ?, ?) "
                           "ON CONFLICT (address) DO UPDATE SET at_ms = excluded.at_ms, "
                           "why = excluded.why"));
      insert.bind(1, refusal.at_ms);
      insert.bind(2, refusal.why);
      insert.bind(3, refusal.address.to_string());
      TRY_VOID(insert.run());
      return false;
    });
  }

  Result<bool> lift(const base::PublicKey& address) override {
    return backend_.write([&](Database& database) -> Result<bool> {
      TRY(auto remove, database.prepare("DELETE FROM refusal WHERE address = ?"));
      remove.bind(1, address.to_string());
      TRY_VOID(remove.run());
      return database.changes() == 1;
    });
  }

  Result<std::vector<ports::Refusal>> all() override {
    return backend_.read([&](Database& database) -> Result<std::vector<ports::Refusal>> {
      TRY(auto rows, database.prepare("SELECT address, at_ms, why FROM refusal"));
      std::vector<ports::Refusal> out;
      while (true) {
        TRY(const bool more, rows.step());
        if (!more) break;
        const auto address = base::PublicKey::parse(rows.text(0));
        if (address) out.push_back({*address, rows.integer(1), rows.text(2)});
      }
      std::ranges::sort(out, {}, &ports::Refusal::address);
      return out;
    });
  }

 private:
  Backend backend_;
};

}  // namespace obelisk::sql
