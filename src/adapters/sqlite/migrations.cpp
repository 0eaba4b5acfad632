#include "adapters/sqlite/migrations.hpp"

#include <array>

#include "adapters/sql/migrate.hpp"

namespace obelisk::sqlite {
namespace {

// Unsigned 64-bit numbers lie in SQLite's signed integers with the same bits. Keys and signatures
// are base58; enums are the numbers of core/lease/record.hpp, so `ended` is 7.
constexpr const char* kFirst = R"sql(
CREATE TABLE lease (
  quote_id TEXT NOT NULL UNIQUE,
  lease TEXT NOT NULL PRIMARY KEY,
  terms TEXT NOT NULL,
  quote_signature TEXT NOT NULL,
  renter TEXT NOT NULL,
  host TEXT NOT NULL,
  market TEXT NOT NULL,
  treasury TEXT NOT NULL,
  attestor TEXT NOT NULL,
  market_rev INTEGER NOT NULL,
  nonce INTEGER NOT NULL,
  card TEXT NOT NULL,
  card_name TEXT NOT NULL,
  card_uuids TEXT NOT NULL,
  driver_name TEXT NOT NULL,
  count INTEGER NOT NULL,
  simulated INTEGER NOT NULL,
  ssh_key TEXT NOT NULL,
  quoted_seconds INTEGER NOT NULL,
  max_seconds INTEGER NOT NULL,
  rate_lamports_per_hour INTEGER NOT NULL,
  fee_bps INTEGER NOT NULL,
  ready_deadline_s INTEGER NOT NULL,
  gap_limit_s INTEGER NOT NULL,
  claim_window_s INTEGER NOT NULL,
  disk_bytes INTEGER NOT NULL,
  ram_bytes INTEGER NOT NULL,
  cpu_milli INTEGER NOT NULL,
  price_lamports INTEGER NOT NULL,
  total_lamports INTEGER NOT NULL,
  expires_at_s INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  remote_address TEXT NOT NULL,
  response TEXT NOT NULL,
  state INTEGER NOT NULL,
  outcome INTEGER NOT NULL,
  version INTEGER NOT NULL,
  message TEXT NOT NULL,
  chain_slot INTEGER NOT NULL,
  opened_slot INTEGER NOT NULL,
  opened_at_s INTEGER NOT NULL,
  started_at_s INTEGER NOT NULL,
  seconds INTEGER NOT NULL,
  proven_until_s INTEGER NOT NULL,
  stopped_at_s INTEGER NOT NULL,
  window_ends_s INTEGER NOT NULL,
  closed INTEGER NOT NULL,
  deadline_s INTEGER NOT NULL,
  wanted INTEGER NOT NULL,
  host_state INTEGER NOT NULL,
  host_message TEXT NOT NULL,
  ssh_address TEXT,
  ssh_port INTEGER,
  ssh_user TEXT,
  ssh_host_key TEXT,
  ssh_host_key_signature TEXT,
  boot_id TEXT NOT NULL,
  login_attempt INTEGER NOT NULL,
  login_pending INTEGER NOT NULL,
  login_asked_at_s INTEGER NOT NULL,
  last_login_s INTEGER NOT NULL,
  first_failure_s INTEGER NOT NULL,
  last_failure_s INTEGER NOT NULL,
  boot_mark TEXT NOT NULL,
  attested_until_s INTEGER,
  attestation_signature TEXT,
  stop_asked_at_s INTEGER NOT NULL,
  cancel_asked INTEGER NOT NULL,
  settle_asked INTEGER NOT NULL,
  host_lamports INTEGER,
  fee_lamports INTEGER,
  refunded_lamports INTEGER,
  open_signature TEXT,
  ready_signature TEXT,
  stop_signature TEXT,
  confirmed_ms INTEGER NOT NULL,
  first_login_ms INTEGER NOT NULL,
  ended_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX lease_by_renter ON lease (renter, created_ms);
CREATE INDEX lease_by_end ON lease (ended_ms);
CREATE INDEX lease_not_ended ON lease (state) WHERE state <> 7;

-- The cards of every record that is not ended. The key is what keeps one card from two renters.
CREATE TABLE held_card (
  host TEXT NOT NULL,
  uuid TEXT NOT NULL,
  lease TEXT NOT NULL REFERENCES lease (lease),
  PRIMARY KEY (host, uuid)
) STRICT, WITHOUT ROWID;
CREATE INDEX held_card_by_lease ON held_card (lease);

CREATE TABLE lease_event (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  lease TEXT NOT NULL REFERENCES lease (lease),
  at_ms INTEGER NOT NULL,
  kind TEXT NOT NULL,
  message TEXT NOT NULL
) STRICT;
CREATE INDEX lease_event_by_lease ON lease_event (lease, seq);

CREATE TABLE outbox (
  id TEXT NOT NULL PRIMARY KEY,
  lease TEXT NOT NULL REFERENCES lease (lease),
  kind TEXT NOT NULL,
  payload TEXT NOT NULL,
  due_ms INTEGER NOT NULL,
  attempts INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX outbox_by_due ON outbox (due_ms);

CREATE TABLE listing (
  host TEXT NOT NULL PRIMARY KEY,
  text TEXT NOT NULL,
  signature TEXT NOT NULL,
  seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE counter (
  name TEXT NOT NULL PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
)sql";

// The transaction that was signed last for a piece of work, in base64.
constexpr const char* kSent = R"sql(
ALTER TABLE outbox ADD COLUMN sent_wire TEXT;
ALTER TABLE outbox ADD COLUMN sent_last_valid INTEGER;
)sql";

// What the operator did, what was reported, who is refused. The trail only grows.
constexpr const char* kOperator = R"sql(
CREATE TABLE audit (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  at_ms INTEGER NOT NULL,
  who TEXT NOT NULL,
  what TEXT NOT NULL,
  subject TEXT NOT NULL,
  words TEXT NOT NULL
) STRICT;
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail only grows'); END;
CREATE TRIGGER audit_is_not_cut BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail only grows'); END;

CREATE TABLE report (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  signature TEXT NOT NULL UNIQUE,
  at_ms INTEGER NOT NULL,
  host TEXT NOT NULL,
  lease TEXT,
  reason TEXT NOT NULL,
  words TEXT NOT NULL,
  reporter TEXT NOT NULL,
  remote_address TEXT NOT NULL,
  said TEXT NOT NULL
) STRICT;
CREATE INDEX report_by_reporter ON report (reporter, at_ms);
CREATE INDEX report_by_remote_address ON report (remote_address, at_ms);
CREATE INDEX report_without_lease ON report (at_ms) WHERE lease IS NULL;

CREATE TABLE refusal (
  address TEXT NOT NULL PRIMARY KEY,
  at_ms INTEGER NOT NULL,
  why TEXT NOT NULL
) STRICT, WITHOUT ROWID;
)sql";

// What happened to a lease is never changed, and removed only with a quote that nobody paid
// (outcome 1): the trail of everything that money went through stays.
constexpr const char* kTrailKept = R"sql(
CREATE TRIGGER lease_event_is_final BEFORE UPDATE ON lease_event BEGIN
  SELECT RAISE(ABORT, 'what happened to a lease is not changed');
END;
CREATE TRIGGER lease_event_is_kept BEFORE DELETE ON lease_event
WHEN NOT EXISTS (SELECT 1 FROM lease
                 WHERE lease.lease = OLD.lease AND lease.state = 7 AND lease.outcome = 1)
BEGIN
  SELECT RAISE(ABORT, 'what happened to a lease is kept');
END;
)sql";

// Who is signed in, and what was answered to writes with an idempotency key.
constexpr const char* kIdentity = R"sql(
CREATE TABLE session (
  id TEXT NOT NULL PRIMARY KEY,
  token_hash TEXT NOT NULL UNIQUE,
  wallet TEXT NOT NULL,
  nonce TEXT NOT NULL UNIQUE,
  label TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  expires_ms INTEGER NOT NULL,
  revoked INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX session_by_wallet ON session (wallet, created_ms);
CREATE INDEX session_by_end ON session (expires_ms);

CREATE TABLE answer (
  caller TEXT NOT NULL,
  idempotency_key TEXT NOT NULL,
  asked TEXT NOT NULL,
  status INTEGER NOT NULL,
  location TEXT NOT NULL,
  body TEXT NOT NULL,
  given_ms INTEGER NOT NULL,
  PRIMARY KEY (caller, idempotency_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX answer_by_caller ON answer (caller, given_ms);
CREATE INDEX answer_by_time ON answer (given_ms);
)sql";

// What each kind of card cost and how much of it was free, every five minutes; the index finds the
// logins of those minutes.
constexpr const char* kHistory = R"sql(
CREATE TABLE card_sample (
  card TEXT NOT NULL,
  simulated INTEGER NOT NULL,
  slot_ms INTEGER NOT NULL,
  from_micro_usd INTEGER,
  from_lamports INTEGER,
  free_cards INTEGER NOT NULL,
  used_cards INTEGER NOT NULL,
  listed_cards INTEGER NOT NULL,
  logins INTEGER NOT NULL,
  login_p50_ms INTEGER,
  login_p95_ms INTEGER,
  PRIMARY KEY (card, simulated, slot_ms)
) STRICT, WITHOUT ROWID;
CREATE INDEX card_sample_by_slot ON card_sample (slot_ms);
CREATE INDEX lease_by_first_login ON lease (first_login_ms) WHERE first_login_ms > 0;
)sql";

// What one host served, the last first.
constexpr const char* kByHost = R"sql(
CREATE INDEX lease_by_host ON lease (host, ended_ms) WHERE state = 7;
)sql";

constexpr std::array<const char*, 7> kSteps{kFirst,    kSent,    kOperator, kTrailKept,
                                            kIdentity, kHistory, kByHost};

}  // namespace

std::span<const char* const> migrations() { return kSteps; }

base::Result<void> migrate(Database& database, std::span<const char* const> steps) {
  TRY_VOID(
      database.execute("CREATE TABLE IF NOT EXISTS schema_step ("
                       "number INTEGER PRIMARY KEY, checksum TEXT NOT NULL) STRICT"));
  TRY(auto transaction, Transaction::begin(database));
  TRY_VOID(sql::apply_steps(database, steps));
  return transaction.commit();
}

}  // namespace obelisk::sqlite
