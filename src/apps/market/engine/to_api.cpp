#include <algorithm>

#include "apps/market/engine/seams.hpp"
#include "base/check.hpp"
#include "base/time.hpp"
#include "core/market/terms.hpp"

namespace obelisk::engine {
namespace {

api::LeaseState to_api(lease::State state) {
  switch (state) {
    case lease::State::quoted: return api::LeaseState::quoted;
    case lease::State::preparing: return api::LeaseState::preparing;
    case lease::State::checking: return api::LeaseState::checking;
    case lease::State::starting: return api::LeaseState::starting;
    case lease::State::active: return api::LeaseState::active;
    case lease::State::stopping: return api::LeaseState::stopping;
    case lease::State::contested: return api::LeaseState::contested;
    case lease::State::ended: return api::LeaseState::ended;
  }
  return api::LeaseState::ended;
}

api::Outcome to_api(lease::Outcome outcome) {
  switch (outcome) {
    case lease::Outcome::none: return api::Outcome::none;
    case lease::Outcome::never_paid: return api::Outcome::never_paid;
    case lease::Outcome::not_ready: return api::Outcome::not_ready;
    case lease::Outcome::cancelled: return api::Outcome::cancelled;
    case lease::Outcome::stopped_by_renter: return api::Outcome::stopped_by_renter;
    case lease::Outcome::stopped_by_host: return api::Outcome::stopped_by_host;
    case lease::Outcome::host_dark: return api::Outcome::host_dark;
    case lease::Outcome::ran_to_the_end: return api::Outcome::ran_to_the_end;
  }
  return api::Outcome::none;
}

// Times that have not come yet are not there.
std::optional<std::string> time_of(base::UnixSeconds time_s) {
  if (time_s <= 0) return std::nullopt;
  return base::to_rfc3339_seconds(time_s);
}

std::uint64_t since_start(const lease::Life& life, base::UnixSeconds until_s) {
  return static_cast<std::uint64_t>(std::max<base::UnixSeconds>(0, until_s - life.started_at_s));
}

// A dark host's time is over at its last proof; what it owed went on until the watch last looked.
base::UnixSeconds due_until(const lease::Life& life) {
  const base::UnixSeconds until = std::max(life.proven_until_s, life.stopped_at_s);
  return life.outcome == lease::Outcome::host_dark ? std::max(until, life.last_failure_s) : until;
}

}  // namespace

api::Lease to_api(const lease::Record& record) {
  const lease::Quote& quote = record.quote;
  const lease::Life& life = record.life;
  api::Lease out;
  out.lease = quote.lease;
  out.quote = quote.id;
  out.state = life.is_over() ? api::LeaseState::ended : to_api(life.state);
  out.is_final = life.state == lease::State::ended;
  out.outcome = to_api(life.outcome);
  out.message = life.message.empty() ? "Quoted. Nothing is paid yet." : life.message;
  out.renter = quote.renter;
  out.host = quote.host;
  out.card = quote.card;
  out.card_name = quote.card_name;
  out.count = quote.count;
  out.simulated = quote.simulated;
  out.seconds = life.seconds == 0 ? quote.seconds : life.seconds;
  out.max_seconds = quote.max_seconds;
  out.lamports_per_hour = {quote.rate_lamports_per_hour};
  out.fee_bps = quote.fee_bps;
  out.disk_bytes = quote.disk_bytes;
  // What it starts from stands in the terms alone.
  if (auto terms = market::read_terms(quote.terms)) {
    out.micro_usd_per_sol = terms->micro_usd_per_sol;
    out.image = std::move(terms->image);
    if (!terms->template_name.empty()) out.template_ = std::move(terms->template_name);
  }
  out.gap_limit_s = quote.gap_limit_s;
  out.ready_deadline_s = quote.ready_deadline_s;
  if (life.opened_slot != 0) out.opened_slot = life.opened_slot;
  out.opened_at = time_of(life.opened_at_s);
  out.started_at = time_of(life.started_at_s);
  if (life.started_at_s != 0) {
    out.ends_at = time_of(life.ends_at_s());
    out.ends_at_s = static_cast<std::uint64_t>(life.ends_at_s());
  }
  out.stopped_at = time_of(life.stopped_at_s);
  out.window_ends_at = time_of(life.window_ends_s);
  if (life.proven_until_s > 0) out.proven_until_s = static_cast<std::uint64_t>(life.proven_until_s);
  if (life.ssh) {
    out.ssh = api::SshAccess{life.ssh->address, life.ssh->port, life.ssh->user, life.ssh->host_key,
                             life.ssh->host_key_signature};
  }
  if (life.attestation) {
    out.attestation = api::Attestation{life.opened_slot,
                                       static_cast<std::uint64_t>(life.attestation->alive_until),
                                       life.attestation->signature};
  }
  out.host_lamports = life.host_lamports;
  out.fee_lamports = life.fee_lamports;
  out.refunded_lamports = life.refunded_lamports;
  out.signatures = {life.open_signature, life.ready_signature, life.stop_signature};
  out.version = life.version;
  return out;
}

api::EndedLease ended_to_api(const lease::Record& record) {
  api::Lease lease = to_api(record);
  const lease::Life& life = record.life;
  api::EndedLease out;
  out.lease = lease.lease;
  out.host = lease.host;
  out.card = std::move(lease.card);
  out.count = lease.count;
  out.simulated = lease.simulated;
  out.lamports_per_hour = lease.lamports_per_hour;
  out.outcome = lease.outcome;
  out.image = std::move(lease.image);
  out.template_ = std::move(lease.template_);
  if (life.started_at_s != 0) {
    out.served_s = since_start(life, life.proven_until_s);
    out.due_s = since_start(life, due_until(life));
  }
  out.host_lamports = life.host_lamports;
  out.fee_lamports = life.fee_lamports;
  out.refunded_lamports = life.refunded_lamports;
  if (life.confirmed_ms != 0 && life.first_login_ms >= life.confirmed_ms) {
    out.confirmed_to_login_ms = static_cast<std::uint64_t>(life.first_login_ms - life.confirmed_ms);
  }
  out.ended_at = base::to_rfc3339(life.ended_ms);
  return out;
}

}  // namespace obelisk::engine
