#include "adapters/sqlite/index_migrations.hpp"

#include <array>

namespace obelisk::sqlite {
namespace {

// Unsigned 64-bit numbers lie in SQLite's signed integers with the same bits. Keys and signatures
// are base58; enums are the numbers of core/escrow and core/index/rows.hpp. The first three tables
// follow from the chain alone; docs/index.md says where each column comes from.
constexpr const char* kFirst = R"sql(
CREATE TABLE chain_transaction (
  signature TEXT NOT NULL PRIMARY KEY,
  slot INTEGER NOT NULL,
  block_index INTEGER NOT NULL,
  block_time_s INTEGER,
  version INTEGER NOT NULL,
  payer TEXT NOT NULL,
  fee_lamports INTEGER NOT NULL,
  compute_units INTEGER NOT NULL,
  error TEXT,
  logs INTEGER NOT NULL,
  program_born INTEGER NOT NULL,
  is_final INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX chain_transaction_in_order ON chain_transaction (slot, block_index);
CREATE INDEX chain_transaction_provisional ON chain_transaction (slot) WHERE is_final = 0;

CREATE TABLE step (
  signature TEXT NOT NULL REFERENCES chain_transaction (signature) ON DELETE CASCADE,
  slot INTEGER NOT NULL,
  block_index INTEGER NOT NULL,
  number INTEGER NOT NULL,
  instruction INTEGER,
  depth INTEGER NOT NULL,
  tag INTEGER,
  lease TEXT,
  logged INTEGER NOT NULL,
  state INTEGER,
  to_host_lamports INTEGER,
  to_treasury_lamports INTEGER,
  to_renter_lamports INTEGER,
  proven_until_s INTEGER,
  stopped_at_s INTEGER,
  market TEXT,
  renter TEXT,
  host TEXT,
  how INTEGER,
  renter_signed INTEGER,
  nonce INTEGER,
  rate_lamports_per_hour INTEGER,
  max_seconds INTEGER,
  terms_hash TEXT,
  seconds INTEGER,
  PRIMARY KEY (signature, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX step_of_lease ON step (lease, slot, block_index, number);

CREATE TABLE lease (
  lease TEXT NOT NULL,
  opened_slot INTEGER NOT NULL,
  opening INTEGER NOT NULL,
  market TEXT,
  renter TEXT,
  host TEXT,
  nonce INTEGER,
  rate_lamports_per_hour INTEGER,
  max_seconds INTEGER,
  terms_hash TEXT,
  seconds INTEGER,
  state INTEGER NOT NULL,
  paid_lamports INTEGER,
  vault_lamports INTEGER,
  to_host_lamports INTEGER,
  to_treasury_lamports INTEGER,
  to_renter_lamports INTEGER,
  opened_at_s INTEGER,
  started_at_s INTEGER,
  proven_until_s INTEGER NOT NULL,
  stopped_at_s INTEGER NOT NULL,
  closed_at_s INTEGER,
  open_signature TEXT,
  ready_signature TEXT,
  close_signature TEXT,
  steps INTEGER NOT NULL,
  last_slot INTEGER NOT NULL,
  whole INTEGER NOT NULL,
  PRIMARY KEY (lease, opened_slot, opening)
) STRICT, WITHOUT ROWID;
CREATE INDEX lease_without_close ON lease (lease) WHERE close_signature IS NULL;

CREATE TABLE waiting (
  signature TEXT NOT NULL PRIMARY KEY,
  slot INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX waiting_in_order ON waiting (slot);

CREATE TABLE progress (
  one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
  program TEXT NOT NULL,
  listing_before TEXT,
  listing_before_slot INTEGER NOT NULL,
  listing_until TEXT,
  listing_finalized INTEGER NOT NULL,
  listed_finalized INTEGER NOT NULL,
  known_from INTEGER NOT NULL
) STRICT;
)sql";

constexpr std::array<const char*, 1> kSteps{kFirst};

}  // namespace

std::span<const char* const> index_migrations() { return kSteps; }

}  // namespace obelisk::sqlite
