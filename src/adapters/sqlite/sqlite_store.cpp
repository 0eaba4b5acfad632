#include "adapters/sqlite/sqlite_store.hpp"

#include <mutex>

#include "adapters/sqlite/columns.hpp"
#include "adapters/sqlite/migrations.hpp"

namespace obelisk::sqlite {
namespace {

using base::Result;
using lease::Record;
using ports::HeldCard;
using ports::LeaseEventRow;
using ports::ListingRow;
using ports::OutboxRow;

constexpr std::size_t kMaxEvents = 1000;

struct Columns {
  std::vector<std::string> quote;
  std::vector<std::string> life;
};

Columns column_names() {
  Record empty;
  ColumnNames quote;
  ColumnNames life;
  lease::each_quote_field(empty.quote, std::ref(quote));
  lease::each_life_field(empty.life, std::ref(life));
  return {quote.names(), life.names()};
}

std::string joined(const std::vector<std::string>& parts, const char* after_each = "") {
  std::string out;
  for (const std::string& part : parts) {
    if (!out.empty()) out += ", ";
    out += part + after_each;
  }
  return out;
}

std::int64_t as_integer(std::uint64_t value) { return static_cast<std::int64_t>(value); }

// The SQL that names every column, made once.
struct Sql {
  std::string select;  // ... FROM lease
  std::string insert;
  std::string update;  // ... WHERE lease = ? AND version = ?
};

Sql make_sql() {
  const Columns names = column_names();
  const std::string all = joined(names.quote) + ", " + joined(names.life);
  std::string marks = "?";
  for (std::size_t i = 1; i < names.quote.size() + names.life.size(); ++i) marks += ", ?";
  return {"SELECT " + all + " FROM lease ",
          "INSERT INTO lease (" + all + ") VALUES (" + marks + ")",
          "UPDATE lease SET " + joined(names.life, " = ?") + " WHERE lease = ? AND version = ?"};
}

class SqliteStore final : public ports::Store {
 public:
  explicit SqliteStore(Database database) : database_(std::move(database)), sql_(make_sql()) {}

  Result<void> insert_quote(const lease::Quote& quote) override;
  Result<std::optional<Record>> by_lease(const base::PublicKey& lease) override {
    return one("WHERE lease = ?", lease.to_string());
  }
  Result<std::optional<Record>> by_quote(std::string_view quote_id) override {
    return one("WHERE quote_id = ?", std::string(quote_id));
  }
  Result<std::vector<Record>> by_renter(const base::PublicKey& renter, std::size_t limit) override;
  Result<std::vector<Record>> not_ended() override;
  Result<std::vector<Record>> ended(std::size_t limit) override;
  Result<std::vector<HeldCard>> held_cards() override;
  Result<std::uint64_t> quotes_held_by(std::string_view remote_address) override;
  Result<std::optional<std::vector<LeaseEventRow>>> apply(const ports::LeaseWrite& write) override;
  Result<std::uint64_t> forget_unpaid(base::UnixMillis ended_before_ms) override;
  Result<std::vector<LeaseEventRow>> events_after(const base::PublicKey& lease,
                                                  std::uint64_t after_seq) override;
  Result<std::vector<OutboxRow>> outbox_due(base::UnixMillis now_ms, std::size_t limit) override;
  Result<std::optional<base::UnixMillis>> outbox_next_due_ms() override;
  Result<void> outbox_done(std::string_view id) override;
  Result<void> outbox_sent(std::string_view id, const solana::Attempt& attempt) override;
  Result<void> outbox_retry(std::string_view id, base::UnixMillis due_ms) override;
  Result<bool> put_listing(const ListingRow& listing) override;
  Result<std::vector<ListingRow>> listings() override;
  Result<std::uint64_t> add_to_counter(std::string_view name, std::uint64_t amount) override;

 private:
  Result<std::optional<Record>> one(const char* where, const std::string& value);
  Result<std::vector<Record>> read_all(Statement& rows);
  Result<LeaseEventRow> insert_event(const LeaseEventRow& event);
  Result<void> insert_effect(const OutboxRow& effect);
  Result<bool> update_life(const ports::LeaseWrite& write);

  std::mutex mutex_;
  Database database_;
  const Sql sql_;
};

Result<void> SqliteStore::insert_quote(const lease::Quote& quote) {
  for (const std::string& uuid : quote.card_uuids) {
    if (uuid.empty() || uuid.find('\n') != std::string::npos) {
      return base::Error{base::Code::invalid_input, "A card's name is empty or has a line break.",
                         "Report it: listings are checked before this.", 0};
    }
  }
  const std::lock_guard lock(mutex_);
  TRY(auto transaction, Transaction::begin(database_));
  TRY(auto insert, database_.prepare(sql_.insert));
  Binder binder(insert, 1);
  const lease::Life life;
  lease::each_quote_field(quote, std::ref(binder));
  lease::each_life_field(life, std::ref(binder));
  if (auto done = insert.run(); !done) {
    if (!Database::is_constraint(done.error())) return done;
    return base::Error{base::Code::conflict, "This quote or its lease address exists already.",
                       "Ask for a new quote.", 0};
  }
  for (const std::string& uuid : quote.card_uuids) {
    TRY(auto hold, database_.prepare("INSERT INTO held_card (host, uuid, lease) VALUES (?, ?, ?)"));
    hold.bind(1, quote.host.to_string());
    hold.bind(2, uuid);
    hold.bind(3, quote.lease.to_string());
    if (auto done = hold.run(); !done) {
      if (!Database::is_constraint(done.error())) return done;
      return base::Error{base::Code::conflict, "Somebody else took this card a moment ago.",
                         "Ask again: another card is chosen.", 0};
    }
  }
  return transaction.commit();
}

Result<std::vector<Record>> SqliteStore::read_all(Statement& rows) {
  std::vector<Record> out;
  for (;;) {
    TRY(const bool more, rows.step());
    if (!more) return out;
    Record& record = out.emplace_back();
    RowReader reader(rows);
    lease::each_quote_field(record.quote, std::ref(reader));
    lease::each_life_field(record.life, std::ref(reader));
    if (!reader.ok()) {
      return base::Error{base::Code::internal, "A lease in the database cannot be read.",
                         "Look at the market's log.", 0};
    }
  }
}

Result<std::optional<Record>> SqliteStore::one(const char* where, const std::string& value) {
  const std::lock_guard lock(mutex_);
  TRY(auto rows, database_.prepare(sql_.select + where));
  rows.bind(1, value);
  TRY(auto found, read_all(rows));
  if (found.empty()) return std::optional<Record>();
  return std::optional<Record>(std::move(found.front()));
}

Result<std::vector<Record>> SqliteStore::by_renter(const base::PublicKey& renter,
                                                   std::size_t limit) {
  const std::lock_guard lock(mutex_);
  TRY(auto rows, database_.prepare(sql_.select + "WHERE renter = ? AND outcome <> ? AND state <> ? "
                                                 "ORDER BY created_ms DESC, lease LIMIT ?"));
  rows.bind(1, renter.to_string());
  rows.bind(2, static_cast<std::int64_t>(lease::Outcome::never_paid));
  rows.bind(3, static_cast<std::int64_t>(lease::State::quoted));
  rows.bind(4, as_integer(limit));
  return read_all(rows);
}

Result<std::vector<Record>> SqliteStore::not_ended() {
  const std::lock_guard lock(mutex_);
  TRY(auto rows, database_.prepare(sql_.select + "WHERE state <> 7 ORDER BY created_ms, lease"));
  static_assert(static_cast<int>(lease::State::ended) == 7);
  return read_all(rows);
}

Result<std::vector<Record>> SqliteStore::ended(std::size_t limit) {
  const std::lock_guard lock(mutex_);
  TRY(auto rows, database_.prepare(sql_.select + "WHERE state = 7 AND outcome <> ? "
                                                 "ORDER BY ended_ms DESC, lease LIMIT ?"));
  rows.bind(1, static_cast<std::int64_t>(lease::Outcome::never_paid));
  rows.bind(2, as_integer(limit));
  return read_all(rows);
}

Result<std::vector<HeldCard>> SqliteStore::held_cards() {
  const std::lock_guard lock(mutex_);
  TRY(auto rows, database_.prepare("SELECT host, uuid FROM held_card ORDER BY host, uuid"));
  std::vector<HeldCard> out;
  for (;;) {
    TRY(const bool more, rows.step());
    if (!more) return out;
    const auto host = base::PublicKey::parse(rows.text(0));
    if (host) out.push_back({*host, rows.text(1)});
  }
}

Result<std::uint64_t> SqliteStore::quotes_held_by(std::string_view remote_address) {
  const std::lock_guard lock(mutex_);
  TRY(auto rows, database_.prepare("SELECT count(*) FROM lease WHERE state = ? AND state <> 7 "
                                   "AND remote_address = ?"));
  rows.bind(1, static_cast<std::int64_t>(lease::State::quoted));
  rows.bind(2, remote_address);
  TRY(const bool found, rows.step());
  CHECK(found);
  return static_cast<std::uint64_t>(rows.integer(0));
}

Result<bool> SqliteStore::update_life(const ports::LeaseWrite& write) {
  lease::Life life = write.life;
  life.version = write.expected_version + 1;
  TRY(auto update, database_.prepare(sql_.update));
  Binder binder(update, 1);
  lease::each_life_field(life, std::ref(binder));
  update.bind(binder.next(), write.lease.to_string());
  update.bind(binder.next() + 1, as_integer(write.expected_version));
  TRY_VOID(update.run());
  return database_.changes() == 1;
}

Result<LeaseEventRow> SqliteStore::insert_event(const LeaseEventRow& event) {
  TRY(auto insert,
      database_.prepare("INSERT INTO lease_event (lease, at_ms, kind, message) VALUES (?, ?, ?, "
                        "?)"));
  insert.bind(1, event.lease.to_string());
  insert.bind(2, event.at_ms);
  insert.bind(3, event.kind);
  insert.bind(4, event.message);
  TRY_VOID(insert.run());
  LeaseEventRow out = event;
  out.seq = static_cast<std::uint64_t>(database_.last_id());
  return out;
}

Result<void> SqliteStore::insert_effect(const OutboxRow& effect) {
  TRY(auto insert,
      database_.prepare("INSERT INTO outbox (id, lease, kind, payload, due_ms, attempts) "
                        "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING"));
  insert.bind(1, effect.id);
  insert.bind(2, effect.lease.to_string());
  insert.bind(3, effect.kind);
  insert.bind(4, effect.payload);
  insert.bind(5, effect.due_ms);
  insert.bind(6, static_cast<std::int64_t>(effect.attempts));
  return insert.run();
}

Result<std::optional<std::vector<LeaseEventRow>>> SqliteStore::apply(
    const ports::LeaseWrite& write) {
  const std::lock_guard lock(mutex_);
  TRY(auto transaction, Transaction::begin(database_));
  TRY(const bool current, update_life(write));
  if (!current) return std::optional<std::vector<LeaseEventRow>>();
  std::vector<LeaseEventRow> numbered;
  for (const LeaseEventRow& event : write.events) {
    TRY(auto row, insert_event(event));
    numbered.push_back(std::move(row));
  }
  for (const OutboxRow& effect : write.effects) TRY_VOID(insert_effect(effect));
  if (write.life.state == lease::State::ended) {
    TRY(auto release, database_.prepare("DELETE FROM held_card WHERE lease = ?"));
    release.bind(1, write.lease.to_string());
    TRY_VOID(release.run());
  }
  TRY_VOID(transaction.commit());
  return std::optional(std::move(numbered));
}

Result<std::uint64_t> SqliteStore::forget_unpaid(base::UnixMillis ended_before_ms) {
  const std::lock_guard lock(mutex_);
  TRY(auto transaction, Transaction::begin(database_));
  constexpr std::string_view kOld =
      "(SELECT lease FROM lease WHERE state = 7 AND outcome = ? "
      "AND ended_ms < ?)";
  for (const char* table : {"lease_event", "outbox", "held_card", "lease"}) {
    TRY(auto remove, database_.prepare("DELETE FROM " + std::string(table) + " WHERE lease IN " +
                                       std::string(kOld)));
    remove.bind(1, static_cast<std::int64_t>(lease::Outcome::never_paid));
    remove.bind(2, ended_before_ms);
    TRY_VOID(remove.run());
  }
  const auto gone = static_cast<std::uint64_t>(database_.changes());
  TRY_VOID(transaction.commit());
  return gone;
}

Result<std::vector<LeaseEventRow>> SqliteStore::events_after(const base::PublicKey& lease,
                                                             std::uint64_t after_seq) {
  const std::lock_guard lock(mutex_);
  TRY(auto rows, database_.prepare("SELECT seq, at_ms, kind, message FROM lease_event "
                                   "WHERE lease = ? AND seq > ? ORDER BY seq LIMIT ?"));
  rows.bind(1, lease.to_string());
  rows.bind(2, as_integer(after_seq));
  rows.bind(3, as_integer(kMaxEvents));
  std::vector<LeaseEventRow> out;
  for (;;) {
    TRY(const bool more, rows.step());
    if (!more) return out;
    out.push_back({static_cast<std::uint64_t>(rows.integer(0)), lease, rows.integer(1),
                   rows.text(2), rows.text(3)});
  }
}

Result<std::vector<OutboxRow>> SqliteStore::outbox_due(base::UnixMillis now_ms, std::size_t limit) {
  const std::lock_guard lock(mutex_);
  TRY(auto rows, database_.prepare(
                     "SELECT id, lease, kind, payload, due_ms, attempts, sent_wire, "
                     "sent_last_valid FROM outbox WHERE due_ms <= ? ORDER BY due_ms, id LIMIT ?"));
  rows.bind(1, now_ms);
  rows.bind(2, as_integer(limit));
  std::vector<OutboxRow> out;
  for (;;) {
    TRY(const bool more, rows.step());
    if (!more) return out;
    OutboxRow row{rows.text(0),
                  {},
                  rows.text(2),
                  rows.text(3),
                  rows.integer(4),
                  static_cast<std::uint32_t>(rows.integer(5)),
                  {}};
    if (!rows.is_null(6)) {
      // One that cannot be read must not be taken for one that was never sent.
      const auto wire = base::from_base64(rows.text(6));
      if (!wire) {
        return base::Error{base::Code::internal, "Work " + row.id + " is damaged in the database.",
                           "Restore a backup; money is on chain.", 0};
      }
      row.sent = {*wire, static_cast<std::uint64_t>(rows.integer(7))};
    }
    if (const auto key = base::PublicKey::parse(rows.text(1))) row.lease = *key;
    out.push_back(std::move(row));
  }
}

Result<std::optional<base::UnixMillis>> SqliteStore::outbox_next_due_ms() {
  const std::lock_guard lock(mutex_);
  TRY(auto row, database_.prepare("SELECT min(due_ms) FROM outbox"));
  TRY(const bool found, row.step());
  if (!found || row.is_null(0)) return std::optional<base::UnixMillis>();
  return std::optional(row.integer(0));
}

Result<void> SqliteStore::outbox_done(std::string_view id) {
  const std::lock_guard lock(mutex_);
  TRY(auto remove, database_.prepare("DELETE FROM outbox WHERE id = ?"));
  remove.bind(1, id);
  return remove.run();
}

Result<void> SqliteStore::outbox_sent(std::string_view id, const solana::Attempt& attempt) {
  const std::lock_guard lock(mutex_);
  TRY(auto update,
      database_.prepare("UPDATE outbox SET sent_wire = ?, sent_last_valid = ? WHERE id = ?"));
  update.bind(1, base::to_base64(attempt.wire));
  update.bind(2, as_integer(attempt.last_valid_block_height));
  update.bind(3, id);
  TRY_VOID(update.run());
  if (database_.changes() == 1) return {};
  return base::Error{base::Code::not_found, "This work is no longer to be done.",
                     "Nothing is to be done.", 0};
}

Result<void> SqliteStore::outbox_retry(std::string_view id, base::UnixMillis due_ms) {
  const std::lock_guard lock(mutex_);
  TRY(auto update,
      database_.prepare("UPDATE outbox SET due_ms = ?, attempts = attempts + 1 WHERE id = ?"));
  update.bind(1, due_ms);
  update.bind(2, id);
  return update.run();
}

Result<bool> SqliteStore::put_listing(const ListingRow& listing) {
  const std::lock_guard lock(mutex_);
  TRY(auto put,
      database_.prepare("INSERT INTO listing (host, text, signature, seq) VALUES (?, ?, ?, ?) "
                        "ON CONFLICT (host) DO UPDATE SET text = excluded.text, "
                        "signature = excluded.signature, seq = excluded.seq "
                        "WHERE excluded.seq > listing.seq"));
  put.bind(1, listing.host.to_string());
  put.bind(2, listing.text);
  put.bind(3, listing.signature.to_string());
  put.bind(4, as_integer(listing.seq));
  TRY_VOID(put.run());
  return database_.changes() == 1;
}

Result<std::vector<ListingRow>> SqliteStore::listings() {
  const std::lock_guard lock(mutex_);
  TRY(auto rows, database_.prepare("SELECT host, text, signature, seq FROM listing ORDER BY host"));
  std::vector<ListingRow> out;
  for (;;) {
    TRY(const bool more, rows.step());
    if (!more) return out;
    const auto host = base::PublicKey::parse(rows.text(0));
    const auto signature = base::Signature::parse(rows.text(2));
    if (!host || !signature) continue;
    out.push_back({*host, rows.text(1), *signature, static_cast<std::uint64_t>(rows.integer(3))});
  }
}

Result<std::uint64_t> SqliteStore::add_to_counter(std::string_view name, std::uint64_t amount) {
  const std::lock_guard lock(mutex_);
  TRY(auto add, database_.prepare("INSERT INTO counter (name, value) VALUES (?, ?) "
                                  "ON CONFLICT (name) DO UPDATE SET value = value + excluded.value "
                                  "RETURNING value"));
  add.bind(1, name);
  add.bind(2, as_integer(amount));
  TRY(const bool found, add.step());
  CHECK(found);
  const auto value = static_cast<std::uint64_t>(add.integer(0));
  TRY(const bool more, add.step());
  CHECK(!more);
  return value;
}

}  // namespace

Result<std::unique_ptr<ports::Store>> open_store(const std::string& path) {
  TRY(auto database, Database::open(path));
  TRY_VOID(migrate(database, migrations()));
  return std::unique_ptr<ports::Store>(std::make_unique<SqliteStore>(std::move(database)));
}

}  // namespace obelisk::sqlite
