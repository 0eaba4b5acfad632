// The columns of the index's rows by name, once: what is written, what is read back and what a test
// fills. A field that is added to rows.hpp and not here would be lost in the database.
#pragma once

#include "core/index/rows.hpp"

namespace obelisk::index {

// Calls f(name, member) for every column. `T` is TransactionRow or const TransactionRow.
template <class T, class F>
void each_transaction_field(T& row, F f) {
  f("signature", row.signature);
  f("slot", row.slot);
  f("block_index", row.block_index);
  f("block_time_s", row.block_time_s);
  f("version", row.version);
  f("payer", row.payer);
  f("fee_lamports", row.fee);
  f("compute_units", row.compute_units);
  f("error", row.error);
  f("logs", row.logs);
  f("program_born", row.program_born);
  f("is_final", row.is_final);
}

// Without block_time_s, which is the transaction's.
template <class T, class F>
void each_step_field(T& row, F f) {
  f("signature", row.signature);
  f("slot", row.slot);
  f("block_index", row.block_index);
  f("number", row.number);
  f("instruction", row.instruction);
  f("depth", row.depth);
  f("tag", row.tag);
  f("lease", row.lease);
  f("logged", row.logged);
  f("state", row.state);
  f("to_host_lamports", row.to_host);
  f("to_treasury_lamports", row.to_treasury);
  f("to_renter_lamports", row.to_renter);
  f("proven_until_s", row.proven_until_s);
  f("stopped_at_s", row.stopped_at_s);
  f("market", row.market);
  f("renter", row.renter);
  f("host", row.host);
  f("how", row.how);
  f("renter_signed", row.renter_signed);
  f("nonce", row.nonce);
  f("rate_lamports_per_hour", row.rate_per_hour);
  f("max_seconds", row.max_seconds);
  f("terms_hash", row.terms_hash);
  f("seconds", row.seconds);
}

template <class T, class F>
void each_lease_field(T& row, F f) {
  f("lease", row.lease);
  f("opened_slot", row.opened_slot);
  f("opening", row.opening);
  f("market", row.market);
  f("renter", row.renter);
  f("host", row.host);
  f("nonce", row.nonce);
  f("rate_lamports_per_hour", row.rate_per_hour);
  f("max_seconds", row.max_seconds);
  f("terms_hash", row.terms_hash);
  f("seconds", row.seconds);
  f("state", row.state);
  f("paid_lamports", row.paid);
  f("vault_lamports", row.vault);
  f("to_host_lamports", row.to_host);
  f("to_treasury_lamports", row.to_treasury);
  f("to_renter_lamports", row.to_renter);
  f("opened_at_s", row.opened_at_s);
  f("started_at_s", row.started_at_s);
  f("proven_until_s", row.proven_until_s);
  f("stopped_at_s", row.stopped_at_s);
  f("closed_at_s", row.closed_at_s);
  f("open_signature", row.open_signature);
  f("ready_signature", row.ready_signature);
  f("close_signature", row.close_signature);
  f("steps", row.steps);
  f("last_slot", row.last_slot);
  f("whole", row.whole);
}

}  // namespace obelisk::index
