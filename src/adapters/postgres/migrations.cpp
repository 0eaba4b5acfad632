#include "adapters/postgres/migrations.hpp"

#include <array>

#include "adapters/sql/migrate.hpp"

namespace obelisk::postgres {
namespace {

// Unsigned 64-bit numbers lie in BIGINT with the same bits. Keys and signatures are base58; enums
// are the numbers of core/lease/record.hpp, so `ended` is 7. Text is compared by its bytes.
constexpr const char* kFirst = R"sql(
CREATE TABLE lease (
  quote_id TEXT COLLATE "C" NOT NULL UNIQUE,
  lease TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  terms TEXT COLLATE "C" NOT NULL,
  quote_signature TEXT COLLATE "C" NOT NULL,
  renter TEXT COLLATE "C" NOT NULL,
  host TEXT COLLATE "C" NOT NULL,
  market TEXT COLLATE "C" NOT NULL,
  treasury TEXT COLLATE "C" NOT NULL,
  attestor TEXT COLLATE "C" NOT NULL,
  market_rev BIGINT NOT NULL,
  nonce BIGINT NOT NULL,
  card TEXT COLLATE "C" NOT NULL,
  card_name TEXT COLLATE "C" NOT NULL,
  card_uuids TEXT COLLATE "C" NOT NULL,
  driver_name TEXT COLLATE "C" NOT NULL,
  count BIGINT NOT NULL,
  simulated BIGINT NOT NULL,
  ssh_key TEXT COLLATE "C" NOT NULL,
  quoted_seconds BIGINT NOT NULL,
  max_seconds BIGINT NOT NULL,
  rate_lamports_per_hour BIGINT NOT NULL,
  fee_bps BIGINT NOT NULL,
  ready_deadline_s BIGINT NOT NULL,
  gap_limit_s BIGINT NOT NULL,
  claim_window_s BIGINT NOT NULL,
  disk_bytes BIGINT NOT NULL,
  ram_bytes BIGINT NOT NULL,
  cpu_milli BIGINT NOT NULL,
  price_lamports BIGINT NOT NULL,
  total_lamports BIGINT NOT NULL,
  expires_at_s BIGINT NOT NULL,
  created_ms BIGINT NOT NULL,
  remote_address TEXT COLLATE "C" NOT NULL,
  response TEXT COLLATE "C" NOT NULL,
  state BIGINT NOT NULL,
  outcome BIGINT NOT NULL,
  version BIGINT NOT NULL,
  message TEXT COLLATE "C" NOT NULL,
  chain_slot BIGINT NOT NULL,
  opened_slot BIGINT NOT NULL,
  opened_at_s BIGINT NOT NULL,
  started_at_s BIGINT NOT NULL,
  seconds BIGINT NOT NULL,
  proven_until_s BIGINT NOT NULL,
  stopped_at_s BIGINT NOT NULL,
  window_ends_s BIGINT NOT NULL,
  closed BIGINT NOT NULL,
  deadline_s BIGINT NOT NULL,
  wanted BIGINT NOT NULL,
  host_state BIGINT NOT NULL,
  host_message TEXT COLLATE "C" NOT NULL,
  ssh_address TEXT COLLATE "C",
  ssh_port BIGINT,
  ssh_user TEXT COLLATE "C",
  ssh_host_key TEXT COLLATE "C",
  ssh_host_key_signature TEXT COLLATE "C",
  boot_id TEXT COLLATE "C" NOT NULL,
  login_attempt BIGINT NOT NULL,
  login_pending BIGINT NOT NULL,
  login_asked_at_s BIGINT NOT NULL,
  last_login_s BIGINT NOT NULL,
  first_failure_s BIGINT NOT NULL,
  last_failure_s BIGINT NOT NULL,
  boot_mark TEXT COLLATE "C" NOT NULL,
  attested_until_s BIGINT,
  attestation_signature TEXT COLLATE "C",
  stop_asked_at_s BIGINT NOT NULL,
  cancel_asked BIGINT NOT NULL,
  settle_asked BIGINT NOT NULL,
  host_lamports BIGINT,
  fee_lamports BIGINT,
  refunded_lamports BIGINT,
  open_signature TEXT COLLATE "C",
  ready_signature TEXT COLLATE "C",
  stop_signature TEXT COLLATE "C",
  confirmed_ms BIGINT NOT NULL,
  first_login_ms BIGINT NOT NULL,
  ended_ms BIGINT NOT NULL
);
CREATE INDEX lease_by_renter ON lease (renter, created_ms);
CREATE INDEX lease_by_end ON lease (ended_ms);
CREATE INDEX lease_not_ended ON lease (state) WHERE state <> 7;

-- The cards of every record that is not ended. The key is what keeps one card from two renters.
CREATE TABLE held_card (
  host TEXT COLLATE "C" NOT NULL,
  uuid TEXT COLLATE "C" NOT NULL,
  lease TEXT COLLATE "C" NOT NULL REFERENCES lease (lease),
  PRIMARY KEY (host, uuid)
);
CREATE INDEX held_card_by_lease ON held_card (lease);

CREATE TABLE lease_event (
  seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  lease TEXT COLLATE "C" NOT NULL REFERENCES lease (lease),
  at_ms BIGINT NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  message TEXT COLLATE "C" NOT NULL
);
CREATE INDEX lease_event_by_lease ON lease_event (lease, seq);

CREATE TABLE outbox (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  lease TEXT COLLATE "C" NOT NULL REFERENCES lease (lease),
  kind TEXT COLLATE "C" NOT NULL,
  payload TEXT COLLATE "C" NOT NULL,
  due_ms BIGINT NOT NULL,
  attempts BIGINT NOT NULL,
  sent_wire TEXT COLLATE "C",
  sent_last_valid BIGINT
);
CREATE INDEX outbox_by_due ON outbox (due_ms);

CREATE TABLE listing (
  host TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  text TEXT COLLATE "C" NOT NULL,
  signature TEXT COLLATE "C" NOT NULL,
  seq BIGINT NOT NULL
);

CREATE TABLE counter (
  name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  value BIGINT NOT NULL
);
)sql";

// What the operator did, what was reported, who is refused. The trail only grows.
constexpr const char* kOperator = R"sql(
CREATE TABLE audit (
  seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at_ms BIGINT NOT NULL,
  who TEXT COLLATE "C" NOT NULL,
  what TEXT COLLATE "C" NOT NULL,
  subject TEXT COLLATE "C" NOT NULL,
  words TEXT COLLATE "C" NOT NULL
);
CREATE FUNCTION audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the audit trail only grows'; END $$;
CREATE TRIGGER audit_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
FOR EACH STATEMENT EXECUTE FUNCTION audit_only_grows();

CREATE TABLE report (
  seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  signature TEXT COLLATE "C" NOT NULL UNIQUE,
  at_ms BIGINT NOT NULL,
  host TEXT COLLATE "C" NOT NULL,
  lease TEXT COLLATE "C",
  reason TEXT COLLATE "C" NOT NULL,
  words TEXT COLLATE "C" NOT NULL,
  reporter TEXT COLLATE "C" NOT NULL,
  remote_address TEXT COLLATE "C" NOT NULL,
  said TEXT COLLATE "C" NOT NULL
);
CREATE INDEX report_by_reporter ON report (reporter, at_ms);
CREATE INDEX report_by_remote_address ON report (remote_address, at_ms);
CREATE INDEX report_without_lease ON report (at_ms) WHERE lease IS NULL;

CREATE TABLE refusal (
  address TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  at_ms BIGINT NOT NULL,
  why TEXT COLLATE "C" NOT NULL
);
)sql";

// What happened to a lease is never changed, and removed only with a quote that nobody paid
// (outcome 1): the trail of everything that money went through stays.
constexpr const char* kTrailKept = R"sql(
CREATE FUNCTION lease_event_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    IF EXISTS (SELECT 1 FROM lease
               WHERE lease.lease = OLD.lease AND lease.state = 7 AND lease.outcome = 1) THEN
      RETURN OLD;
    END IF;
  END IF;
  RAISE EXCEPTION 'what happened to a lease is kept as it is'
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER lease_event_is_kept BEFORE UPDATE OR DELETE ON lease_event
  FOR EACH ROW EXECUTE FUNCTION lease_event_is_kept();
CREATE TRIGGER lease_event_is_not_emptied BEFORE TRUNCATE ON lease_event
  FOR EACH STATEMENT EXECUTE FUNCTION lease_event_is_kept();
)sql";

// Who is signed in, and what was answered to writes with an idempotency key.
constexpr const char* kIdentity = R"sql(
CREATE TABLE session (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  token_hash TEXT COLLATE "C" NOT NULL UNIQUE,
  wallet TEXT COLLATE "C" NOT NULL,
  nonce TEXT COLLATE "C" NOT NULL UNIQUE,
  label TEXT COLLATE "C" NOT NULL,
  created_ms BIGINT NOT NULL,
  expires_ms BIGINT NOT NULL,
  revoked BIGINT NOT NULL
);
CREATE INDEX session_by_wallet ON session (wallet, created_ms);
CREATE INDEX session_by_end ON session (expires_ms);

CREATE TABLE answer (
  caller TEXT COLLATE "C" NOT NULL,
  idempotency_key TEXT COLLATE "C" NOT NULL,
  asked TEXT COLLATE "C" NOT NULL,
  status BIGINT NOT NULL,
  location TEXT COLLATE "C" NOT NULL,
  body TEXT COLLATE "C" NOT NULL,
  given_ms BIGINT NOT NULL,
  PRIMARY KEY (caller, idempotency_key)
);
CREATE INDEX answer_by_caller ON answer (caller, given_ms);
CREATE INDEX answer_by_time ON answer (given_ms);
)sql";

// What each kind of card cost and how much of it was free, every five minutes; the index finds the
// logins of those minutes.
constexpr const char* kHistory = R"sql(
CREATE TABLE card_sample (
  card TEXT COLLATE "C" NOT NULL,
  simulated BIGINT NOT NULL,
  slot_ms BIGINT NOT NULL,
  from_micro_usd BIGINT,
  from_lamports BIGINT,
  free_cards BIGINT NOT NULL,
  used_cards BIGINT NOT NULL,
  listed_cards BIGINT NOT NULL,
  logins BIGINT NOT NULL,
  login_p50_ms BIGINT,
  login_p95_ms BIGINT,
  PRIMARY KEY (card, simulated, slot_ms)
);
CREATE INDEX card_sample_by_slot ON card_sample (slot_ms);
CREATE INDEX lease_by_first_login ON lease (first_login_ms) WHERE first_login_ms > 0;
)sql";

// What one host served, the last first.
constexpr const char* kByHost = R"sql(
CREATE INDEX lease_by_host ON lease (host, ended_ms) WHERE state = 7;
)sql";

constexpr std::array<const char*, 6> kSteps{kFirst,    kOperator, kTrailKept,
                                            kIdentity, kHistory,  kByHost};

}  // namespace

std::span<const char* const> migrations() { return kSteps; }

base::Result<void> migrate(Database& database, std::span<const char* const> steps) {
  TRY(auto transaction, Transaction::begin(database));
  // A large table takes its time, and so does a process that was first.
  TRY_VOID(database.execute("SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0"));
  // Any number that nobody else in this database locks: processes that start together take turns.
  TRY_VOID(database.execute("SELECT pg_advisory_xact_lock(6242113)"));
  TRY_VOID(
      database.execute("CREATE TABLE IF NOT EXISTS schema_step ("
                       "number BIGINT PRIMARY KEY, checksum TEXT NOT NULL)"));
  TRY_VOID(sql::apply_steps(database, steps));
  return transaction.commit();
}

}  // namespace obelisk::postgres
