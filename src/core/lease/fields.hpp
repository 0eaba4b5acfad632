// The fields of a record by name, once: every store writes and reads the same ones, and a test can
// fill them all. A field that is added to record.hpp and not here would be forgotten over a
// restart, so store tests compare whole records.
#pragma once

#include "core/lease/record.hpp"

namespace obelisk::lease {

// Calls f(name, member) for every field. `Q` is Quote or const Quote.
template <class Q, class F>
void each_quote_field(Q& quote, F f) {
  f("quote_id", quote.id);
  f("lease", quote.lease);
  f("terms", quote.terms);
  f("quote_signature", quote.signature);
  f("renter", quote.renter);
  f("host", quote.host);
  f("market", quote.market);
  f("treasury", quote.treasury);
  f("attestor", quote.attestor);
  f("market_rev", quote.market_rev);
  f("nonce", quote.nonce);
  f("card", quote.card);
  f("card_name", quote.card_name);
  f("card_uuids", quote.card_uuids);
  f("driver_name", quote.driver_name);
  f("count", quote.count);
  f("simulated", quote.simulated);
  f("ssh_key", quote.ssh_key);
  f("quoted_seconds", quote.seconds);
  f("max_seconds", quote.max_seconds);
  f("rate_lamports_per_hour", quote.rate_lamports_per_hour);
  f("fee_bps", quote.fee_bps);
  f("ready_deadline_s", quote.ready_deadline_s);
  f("gap_limit_s", quote.gap_limit_s);
  f("claim_window_s", quote.claim_window_s);
  f("disk_bytes", quote.disk_bytes);
  f("ram_bytes", quote.ram_bytes);
  f("cpu_milli", quote.cpu_milli);
  f("price_lamports", quote.price);
  f("total_lamports", quote.total);
  f("expires_at_s", quote.expires_at_s);
  f("created_ms", quote.created_ms);
  f("remote_address", quote.remote_address);
  f("response", quote.response);
}

// The optional groups (ssh, attestation) are handed over whole.
template <class L, class F>
void each_life_field(L& life, F f) {
  f("state", life.state);
  f("outcome", life.outcome);
  f("version", life.version);
  f("message", life.message);
  f("chain_slot", life.chain_slot);
  f("opened_slot", life.opened_slot);
  f("opened_at_s", life.opened_at_s);
  f("started_at_s", life.started_at_s);
  f("seconds", life.seconds);
  f("proven_until_s", life.proven_until_s);
  f("stopped_at_s", life.stopped_at_s);
  f("window_ends_s", life.window_ends_s);
  f("closed", life.closed);
  f("deadline_s", life.deadline_s);
  f("wanted", life.wanted);
  f("host_state", life.host_state);
  f("host_message", life.host_message);
  f("ssh", life.ssh);
  f("boot_id", life.boot_id);
  f("login_attempt", life.login_attempt);
  f("login_pending", life.login_pending);
  f("login_asked_at_s", life.login_asked_at_s);
  f("last_login_s", life.last_login_s);
  f("first_failure_s", life.first_failure_s);
  f("last_failure_s", life.last_failure_s);
  f("boot_mark", life.boot_mark);
  f("attestation", life.attestation);
  f("stop_asked_at_s", life.stop_asked_at_s);
  f("cancel_asked", life.cancel_asked);
  f("settle_asked", life.settle_asked);
  f("host_lamports", life.host_lamports);
  f("fee_lamports", life.fee_lamports);
  f("refunded_lamports", life.refunded_lamports);
  f("open_signature", life.open_signature);
  f("ready_signature", life.ready_signature);
  f("stop_signature", life.stop_signature);
  f("confirmed_ms", life.confirmed_ms);
  f("first_login_ms", life.first_login_ms);
  f("ended_ms", life.ended_ms);
}

}  // namespace obelisk::lease
