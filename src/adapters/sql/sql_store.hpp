// SqlStore: the Store port in the SQL that SQLite and PostgreSQL both speak. A Backend says how to
// read and how to write:
//
//   read(f)    f(Database&) over what is committed
//   write(f)   f(Database&) inside one transaction that is on disk when write() returns, and rolled
//              back where f fails; f may run again where the database asks for it
//
// It must never leave a transaction half done, nor keep anything in memory between two calls.
#pragma once

#include <algorithm>
#include <limits>

#include "adapters/sql/columns.hpp"
#include "adapters/sql/store_text.hpp"
#include "base/check.hpp"
#include "ports/store.hpp"

namespace obelisk::sql {

template <class Backend>
class SqlStore final : public ports::Store {
 public:
  using Database = typename Backend::Database;
  using Statement = typename Backend::Statement;
  template <class T>
  using Result = base::Result<T>;
  using Record = lease::Record;
  using Events = std::vector<ports::LeaseEventRow>;

  explicit SqlStore(Backend backend) : backend_(std::move(backend)), text_(make_store_text()) {}

  Result<void> insert_quote(const lease::Quote& quote) override {
    TRY_VOID(check_cards(quote));
    return backend_.write([&](Database& database) -> Result<void> {
      TRY(auto insert, database.prepare(text_.insert));
      Binder binder(insert, 1);
      const lease::Life life;
      lease::each_quote_field(quote, std::ref(binder));
      lease::each_life_field(life, std::ref(binder));
      if (auto done = insert.run(); !done) return or_conflict(done.error(), quote_taken());
      for (const std::string& uuid : quote.card_uuids) {
        TRY(auto hold,
            database.prepare("INSERT INTO held_card (host, uuid, lease) VALUES (?, ?, ?)"));
        hold.bind(1, quote.host.to_string());
        hold.bind(2, uuid);
        hold.bind(3, quote.lease.to_string());
        if (auto done = hold.run(); !done) return or_conflict(done.error(), card_taken());
      }
      return {};
    });
  }

  Result<std::optional<Record>> by_lease(const base::PublicKey& lease) override {
    return one("WHERE lease = ?", lease.to_string());
  }
  Result<std::optional<Record>> by_quote(std::string_view quote_id) override {
    return one("WHERE quote_id = ?", std::string(quote_id));
  }
  Result<std::vector<Record>> by_renter(const base::PublicKey& renter,
                                        const std::optional<ports::ListPlace>& after,
                                        std::size_t limit) override {
    const ports::ListPlace from =
        after.value_or(ports::ListPlace{std::numeric_limits<std::int64_t>::max(), ""});
    return records(
        "WHERE renter = ? AND outcome <> ? AND state <> ? AND "
        "(created_ms < ? OR (created_ms = ? AND lease > ?)) "
        "ORDER BY created_ms DESC, lease LIMIT ?",
        [&](Statement& rows) {
          rows.bind(1, renter.to_string());
          rows.bind(2, number(lease::Outcome::never_paid));
          rows.bind(3, number(lease::State::quoted));
          rows.bind(4, from.at_ms);
          rows.bind(5, from.at_ms);
          rows.bind(6, from.name);
          rows.bind(7, at_most(limit));
        });
  }
  Result<std::vector<Record>> not_ended() override {
    static_assert(static_cast<int>(lease::State::ended) == 7);
    return records("WHERE state <> 7 ORDER BY created_ms, lease", [](Statement&) {});
  }
  Result<std::vector<Record>> ended(const ports::EndedAsked& asked) override {
    const base::UnixMillis last_ms =
        asked.after ? asked.after->at_ms : std::numeric_limits<base::UnixMillis>::max();
    const std::string what = std::string("WHERE state = 7 AND ") +
                             (asked.host ? "host = ? AND " : "") +
                             "outcome <> ? AND ended_ms <= ? AND (ended_ms < ? OR lease > ?) "
                             "ORDER BY ended_ms DESC, lease LIMIT ?";
    return records(what, [&](Statement& rows) {
      int at = 0;
      if (asked.host) rows.bind(++at, asked.host->to_string());
      rows.bind(++at, number(lease::Outcome::never_paid));
      rows.bind(++at, last_ms);
      rows.bind(++at, last_ms);
      rows.bind(++at, asked.after ? asked.after->name : std::string());
      rows.bind(++at, at_most(asked.limit));
    });
  }

  Result<std::vector<ports::HeldCard>> held_cards() override {
    return backend_.read([&](Database& database) -> Result<std::vector<ports::HeldCard>> {
      TRY(auto rows, database.prepare("SELECT host, uuid FROM held_card ORDER BY host, uuid"));
      std::vector<ports::HeldCard> out;
      while (true) {
        TRY(const bool more, rows.step());
        if (!more) return out;
        const auto host = base::PublicKey::parse(rows.text(0));
        if (host) out.push_back({*host, rows.text(1)});
      }
    });
  }
  Result<std::vector<ports::OpenQuote>> open_quotes(const base::PublicKey& renter,
                                                    std::string_view remote_address) override {
    return backend_.read([&](Database& database) -> Result<std::vector<ports::OpenQuote>> {
      TRY(auto rows,
          database.prepare("SELECT quote_id, renter, remote_address, card, count, expires_at_s "
                           "FROM lease WHERE state = ? AND state <> 7 "
                           "AND (renter = ? OR remote_address = ?) "
                           "ORDER BY expires_at_s DESC, lease LIMIT ?"));
      rows.bind(1, number(lease::State::quoted));
      rows.bind(2, renter.to_string());
      rows.bind(3, remote_address);
      rows.bind(4, at_most(kMaxOpenQuotes));
      std::vector<ports::OpenQuote> out;
      while (true) {
        TRY(const bool more, rows.step());
        if (!more) return out;
        const auto wallet = base::PublicKey::parse(rows.text(1));
        if (!wallet) return unreadable("A quote");
        out.push_back({rows.text(0), *wallet, rows.text(2), rows.text(3),
                       static_cast<std::uint64_t>(rows.integer(4)), rows.integer(5)});
      }
    });
  }

  Result<std::optional<Events>> apply(const ports::LeaseWrite& write) override {
    return backend_.write([&](Database& database) -> Result<std::optional<Events>> {
      TRY(const bool current, update_life(database, write));
      if (!current) return std::optional<Events>();
      Events numbered;
      for (const ports::LeaseEventRow& event : write.events) {
        TRY(auto row, insert_event(database, event));
        numbered.push_back(std::move(row));
      }
      for (const ports::OutboxRow& effect : write.effects) {
        TRY_VOID(insert_effect(database, effect));
      }
      if (write.life.state == lease::State::ended) {
        TRY(auto release, database.prepare("DELETE FROM held_card WHERE lease = ?"));
        release.bind(1, write.lease.to_string());
        TRY_VOID(release.run());
      }
      return std::optional(std::move(numbered));
    });
  }

  Result<std::uint64_t> forget_unpaid(base::UnixMillis ended_before_ms) override {
    return backend_.write([&](Database& database) -> Result<std::uint64_t> {
      std::uint64_t gone = 0;
      for (const char* table : {"lease_event", "outbox", "held_card", "lease"}) {
        TRY(auto remove, database.prepare("DELETE FROM " + std::string(table) +
                                          " WHERE lease IN (SELECT lease FROM lease WHERE "
                                          "state = 7 AND outcome = ? AND ended_ms < ?)"));
        remove.bind(1, number(lease::Outcome::never_paid));
        remove.bind(2, ended_before_ms);
        TRY_VOID(remove.run());
        gone = static_cast<std::uint64_t>(database.changes());  // at last: of `lease`
      }
      return gone;
    });
  }

  Result<Events> events_after(const base::PublicKey& lease, std::uint64_t after_seq) override {
    return backend_.read([&](Database& database) -> Result<Events> {
      TRY(auto rows, database.prepare("SELECT seq, at_ms, kind, message FROM lease_event "
                                      "WHERE lease = ? AND seq > ? ORDER BY seq LIMIT ?"));
      rows.bind(1, lease.to_string());
      rows.bind(2, at_most(after_seq));
      rows.bind(3, at_most(kMaxEvents));
      Events out;
      while (true) {
        TRY(const bool more, rows.step());
        if (!more) return out;
        out.push_back({static_cast<std::uint64_t>(rows.integer(0)), lease, rows.integer(1),
                       rows.text(2), rows.text(3)});
      }
    });
  }

  Result<std::vector<ports::OutboxRow>> outbox_due(base::UnixMillis now_ms,
                                                   std::size_t limit) override {
    return backend_.read([&](Database& database) -> Result<std::vector<ports::OutboxRow>> {
      TRY(auto rows, database.prepare("SELECT id, lease, kind, payload, due_ms, attempts, "
                                      "sent_wire, sent_last_valid FROM outbox "
                                      "WHERE due_ms <= ? ORDER BY due_ms, id LIMIT ?"));
      rows.bind(1, now_ms);
      rows.bind(2, at_most(limit));
      std::vector<ports::OutboxRow> out;
      while (true) {
        TRY(const bool more, rows.step());
        if (!more) return out;
        TRY(auto row, outbox_row(rows));
        out.push_back(std::move(row));
      }
    });
  }
  Result<std::optional<base::UnixMillis>> outbox_next_due_ms() override {
    return backend_.read([&](Database& database) -> Result<std::optional<base::UnixMillis>> {
      TRY(auto row, database.prepare("SELECT min(due_ms) FROM outbox"));
      TRY(const bool found, row.step());
      if (!found || row.is_null(0)) return std::optional<base::UnixMillis>();
      return std::optional(row.integer(0));
    });
  }
  Result<void> outbox_done(std::string_view id) override {
    return backend_.write([&](Database& database) -> Result<void> {
      TRY(auto remove, database.prepare("DELETE FROM outbox WHERE id = ?"));
      remove.bind(1, id);
      return remove.run();
    });
  }
  Result<void> outbox_sent(std::string_view id,
                           const std::optional<solana::Attempt>& attempt) override {
    return backend_.write([&](Database& database) -> Result<void> {
      TRY(auto update,
          database.prepare("UPDATE outbox SET sent_wire = ?, sent_last_valid = ? WHERE id = ?"));
      if (attempt) {
        update.bind(1, base::to_base64(attempt->wire));
        update.bind(2, static_cast<std::int64_t>(attempt->last_valid_block_height));
      } else {
        update.bind_null(1);
        update.bind_null(2);
      }
      update.bind(3, id);
      TRY_VOID(update.run());
      if (database.changes() == 1) return {};
      return work_gone();
    });
  }
  Result<void> outbox_retry(std::string_view id, base::UnixMillis due_ms) override {
    return backend_.write([&](Database& database) -> Result<void> {
      TRY(auto update,
          database.prepare("UPDATE outbox SET due_ms = ?, attempts = attempts + 1 WHERE id = ?"));
      update.bind(1, due_ms);
      update.bind(2, id);
      return update.run();
    });
  }

  Result<bool> put_listing(const ports::ListingRow& listing) override {
    return backend_.write([&](Database& database) -> Result<bool> {
      TRY(auto put,
          database.prepare("INSERT INTO listing (host, text, signature, seq) VALUES (?, ?, ?, ?) "
                           "ON CONFLICT (host) DO UPDATE SET text = excluded.text, "
                           "signature = excluded.signature, seq = excluded.seq "
                           "WHERE excluded.seq > listing.seq"));
      put.bind(1, listing.host.to_string());
      put.bind(2, listing.text);
      put.bind(3, listing.signature.to_string());
      put.bind(4, static_cast<std::int64_t>(listing.seq));
      TRY_VOID(put.run());
      return database.changes() == 1;
    });
  }
  Result<std::vector<ports::ListingRow>> listings() override {
    return backend_.read([&](Database& database) -> Result<std::vector<ports::ListingRow>> {
      TRY(auto rows,
          database.prepare("SELECT host, text, signature, seq FROM listing ORDER BY host"));
      std::vector<ports::ListingRow> out;
      while (true) {
        TRY(const bool more, rows.step());
        if (!more) return out;
        const auto host = base::PublicKey::parse(rows.text(0));
        const auto signature = base::Signature::parse(rows.text(2));
        if (!host || !signature) continue;
        out.push_back(
            {*host, rows.text(1), *signature, static_cast<std::uint64_t>(rows.integer(3))});
      }
    });
  }

  Result<std::uint64_t> add_to_counter(std::string_view name, std::uint64_t amount) override {
    return backend_.write([&](Database& database) -> Result<std::uint64_t> {
      TRY(auto add, database.prepare("INSERT INTO counter (name, value) VALUES (?, ?) "
                                     "ON CONFLICT (name) DO UPDATE SET value = counter.value + "
                                     "excluded.value RETURNING value"));
      add.bind(1, name);
      add.bind(2, static_cast<std::int64_t>(amount));
      return returned(add);
    });
  }

 private:
  static constexpr std::size_t kMaxEvents = 1000;
  static constexpr std::size_t kMaxOpenQuotes = 100;

  template <class T>
  static std::int64_t number(T value) {
    return static_cast<std::int64_t>(value);
  }
  // A limit or a position: both databases count to 2^63 - 1.
  static std::int64_t at_most(std::uint64_t value) {
    return static_cast<std::int64_t>(
        std::min<std::uint64_t>(value, std::numeric_limits<std::int64_t>::max()));
  }
  // The one number that an insert RETURNs; what follows it is taken too, so that it is carried out.
  static Result<std::uint64_t> returned(Statement& statement) {
    TRY(const bool found, statement.step());
    CHECK(found);
    const auto value = static_cast<std::uint64_t>(statement.integer(0));
    TRY(const bool more, statement.step());
    CHECK(!more);
    return value;
  }
  static base::Error or_conflict(const base::Error& error, const base::Error& conflict) {
    return Database::is_constraint(error) ? conflict : error;
  }

  template <class Bind>
  Result<std::vector<Record>> records(const std::string& where, const Bind& bind) {
    return backend_.read([&](Database& database) -> Result<std::vector<Record>> {
      TRY(auto rows, database.prepare(text_.select + where));
      bind(rows);
      std::vector<Record> out;
      while (true) {
        TRY(const bool more, rows.step());
        if (!more) return out;
        Record& record = out.emplace_back();
        RowReader reader(rows);
        lease::each_quote_field(record.quote, std::ref(reader));
        lease::each_life_field(record.life, std::ref(reader));
        if (!reader.ok()) return unreadable("A lease");
      }
    });
  }
  Result<std::optional<Record>> one(const char* where, const std::string& value) {
    TRY(auto found, records(where, [&](Statement& rows) { rows.bind(1, value); }));
    if (found.empty()) return std::optional<Record>();
    return std::optional<Record>(std::move(found.front()));
  }

  Result<bool> update_life(Database& database, const ports::LeaseWrite& write) {
    lease::Life life = write.life;
    life.version = write.expected_version + 1;
    TRY(auto update, database.prepare(text_.update));
    Binder binder(update, 1);
    lease::each_life_field(life, std::ref(binder));
    update.bind(binder.next(), write.lease.to_string());
    update.bind(binder.next() + 1, static_cast<std::int64_t>(write.expected_version));
    TRY_VOID(update.run());
    return database.changes() == 1;
  }
  static Result<ports::LeaseEventRow> insert_event(Database& database,
                                                   const ports::LeaseEventRow& event) {
    TRY(auto insert, database.prepare("INSERT INTO lease_event (lease, at_ms, kind, message) "
                                      "VALUES (?, ?, ?, ?) RETURNING seq"));
    insert.bind(1, event.lease.to_string());
    insert.bind(2, event.at_ms);
    insert.bind(3, event.kind);
    insert.bind(4, event.message);
    ports::LeaseEventRow out = event;
    TRY(out.seq, returned(insert));
    return out;
  }
  static Result<void> insert_effect(Database& database, const ports::OutboxRow& effect) {
    TRY(auto insert,
        database.prepare("INSERT INTO outbox (id, lease, kind, payload, due_ms, attempts) "
                         "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING"));
    insert.bind(1, effect.id);
    insert.bind(2, effect.lease.to_string());
    insert.bind(3, effect.kind);
    insert.bind(4, effect.payload);
    insert.bind(5, effect.due_ms);
    insert.bind(6, static_cast<std::int64_t>(effect.attempts));
    return insert.run();
  }
  static Result<ports::OutboxRow> outbox_row(const Statement& rows) {
    ports::OutboxRow row{rows.text(0),
                         {},
                         rows.text(2),
                         rows.text(3),
                         rows.integer(4),
                         static_cast<std::uint32_t>(rows.integer(5)),
                         {}};
    if (const auto key = base::PublicKey::parse(rows.text(1))) row.lease = *key;
    if (rows.is_null(6)) return row;
    // One that cannot be read must not be taken for one that was never sent.
    const auto wire = base::from_base64(rows.text(6));
    if (!wire) return unreadable("Work " + row.id);
    row.sent = {*wire, static_cast<std::uint64_t>(rows.integer(7))};
    return row;
  }

  Backend backend_;
  const StoreText text_;
};

}  // namespace obelisk::sql
