#include "core/escrow/step.hpp"

#include "core/escrow/arithmetic.hpp"

namespace obelisk::escrow {
namespace {

// Nothing always lands; an amount lands unless it is too small to be the first of an empty account.
bool lands(uint64_t amount, uint64_t wallet_lamports) {
  // In one comparison: 0 wraps round to the largest.
  return amount - 1 >= kSmallestFirstPayment - 1 || wallet_lamports != 0;
}

bool earned_until(const Lease& lease, int64_t until, uint64_t& lamports) {
  uint64_t seconds = 0;
  return seconds_between(lease.started_at, until, seconds) && earned(lease.rate, seconds, lamports);
}

// Splits what is proven and not yet paid between host and treasury. The fee runs on the total, so
// any number of claims in any order gives the same split.
Error pay_host(Lease& lease, const Scene& scene, Payments& payments) {
  uint64_t total = 0;
  uint64_t due = 0;
  uint64_t fee_total = 0;
  uint64_t fee_before = 0;
  if (!earned_until(lease, lease.proven_until, total) || !subtract(total, lease.released, due) ||
      !fee(total, lease.fee_bps, fee_total) || !fee(lease.released, lease.fee_bps, fee_before)) {
    return Error::overflow;
  }
  const uint64_t fee_due = fee_total - fee_before;
  uint64_t host_due = 0;
  if (!subtract(due, fee_due, host_due)) return Error::overflow;
  payments.left = scene.lease_lamports;
  if (!lands(host_due, scene.host_lamports)) return Error::none;
  payments.to_host = host_due;
  if (lands(fee_due, scene.treasury_lamports)) payments.to_treasury = fee_due;
  lease.released = total;
  if (!subtract(payments.left, payments.to_host, payments.left) ||
      !subtract(payments.left, payments.to_treasury, payments.left)) {
    return Error::overflow;
  }
  return Error::none;
}

// All that is left (bond, dust, surplus, what could not land) goes back to the renter.
void close(Lease& lease, Payments& payments) {
  payments.to_renter = payments.left;
  payments.left = 0;
  lease.state = State::closed;
}

Error close_at(Lease& lease, const Scene& scene, int64_t stopped_at, Payments& payments) {
  lease.stopped_at = stopped_at;
  const Error error = pay_host(lease, scene, payments);
  if (error == Error::none) close(lease, payments);
  return error;
}

// The time between P and S is in dispute: it stays in the lease, with the bond, until the window
// has passed; the future goes back to the renter at once.
Error contest(Lease& lease, const Scene& scene, int64_t stopped_at, Payments& payments) {
  if (const Error error = pay_host(lease, scene, payments); error != Error::none) return error;
  uint64_t total = 0;
  uint64_t kept = 0;
  uint64_t refund = 0;
  if (!earned_until(lease, stopped_at, total) || !subtract(total, lease.released, kept) ||
      !add(kept, kBondLamports, kept) || !subtract(payments.left, kept, refund) ||
      !add_seconds(scene.now, lease.claim_window_s, lease.window_ends)) {
    return Error::overflow;
  }
  if (lands(refund, scene.renter_lamports)) {
    payments.to_renter = refund;
    payments.left = kept;
  }
  lease.stopped_at = stopped_at;
  lease.state = State::closing;
  return Error::none;
}

bool end_of(const Lease& lease, int64_t& end) {
  return add_seconds(lease.started_at, lease.seconds, end);
}

// S of the header's comment.
bool stop_point(const Lease& lease, const Scene& scene, int64_t& point) {
  if (lease.state == State::closing) {
    point = lease.stopped_at;
    return true;
  }
  int64_t end = 0;
  if (!end_of(lease, end)) return false;
  point = scene.now < end ? scene.now : end;
  if (point < lease.proven_until) point = lease.proven_until;
  return true;
}

}  // namespace

Error ready(Lease& lease, const Scene& scene, uint64_t opened_slot) {
  if (lease.opened_slot != opened_slot) return Error::stale_lease;
  if (lease.state != State::funded) return Error::wrong_state;
  int64_t deadline = 0;
  if (!add_seconds(lease.opened_at, lease.ready_deadline_s, deadline)) return Error::overflow;
  if (scene.now > deadline) return Error::too_late;
  lease.started_at = scene.now;
  lease.proven_until = scene.now;
  lease.state = State::active;
  return Error::none;
}

Error cancel(Lease& lease, const Scene& scene, bool renter_signed, Payments& payments) {
  if (lease.state != State::funded) return Error::wrong_state;
  if (!renter_signed) {
    int64_t deadline = 0;
    if (!add_seconds(lease.opened_at, lease.ready_deadline_s, deadline)) return Error::overflow;
    if (scene.now <= deadline) return Error::too_early;
  }
  payments.left = scene.lease_lamports;
  close(lease, payments);
  return Error::none;
}

Error extend(Lease& lease, const Scene& scene, uint32_t total_seconds, Payments& payments) {
  if (lease.state != State::active) return Error::wrong_state;
  if (total_seconds <= lease.seconds || total_seconds > lease.max_seconds) {
    return Error::out_of_range;
  }
  int64_t end = 0;
  if (!end_of(lease, end)) return Error::overflow;
  if (scene.now >= end) return Error::too_late;
  uint64_t before = 0;
  uint64_t after = 0;
  if (!price(lease.rate, lease.seconds, before) || !price(lease.rate, total_seconds, after)) {
    return Error::overflow;
  }
  payments.from_renter = after - before;
  if (!add(scene.lease_lamports, payments.from_renter, payments.left)) return Error::overflow;
  lease.seconds = total_seconds;
  return Error::none;
}

Error claim(Lease& lease, const Scene& scene, int64_t alive_until, Payments& payments) {
  if (!is_running(lease)) return Error::wrong_state;
  int64_t point = 0;
  if (!stop_point(lease, scene, point)) return Error::overflow;
  const int64_t proven = alive_until < point ? alive_until : point;
  if (proven > lease.proven_until) lease.proven_until = proven;
  if (lease.state == State::closing && lease.proven_until == point) {
    return close_at(lease, scene, point, payments);
  }
  return pay_host(lease, scene, payments);
}

Error stop(Lease& lease, const Scene& scene, StopHow how, Payments& payments) {
  if (!is_running(lease)) return Error::wrong_state;
  if (lease.state == State::closing && how == StopHow::dispute) return Error::wrong_state;
  int64_t point = 0;
  uint64_t gap = 0;
  if (!stop_point(lease, scene, point) || !seconds_between(lease.proven_until, point, gap)) {
    return Error::overflow;
  }
  switch (how) {
    case StopHow::served:
      lease.proven_until = point;
      return close_at(lease, scene, point, payments);
    case StopHow::dispute: break;
    case StopHow::waive: return close_at(lease, scene, lease.proven_until, payments);
    case StopHow::dark:
      if (gap <= lease.gap_limit_s) return close_at(lease, scene, lease.proven_until, payments);
      break;
  }
  if (gap == 0) return close_at(lease, scene, point, payments);
  if (lease.state == State::closing) return Error::too_early;
  return contest(lease, scene, point, payments);
}

Error finish(Lease& lease, const Scene& scene, Payments& payments) {
  if (!is_running(lease)) return Error::wrong_state;
  if (lease.state == State::closing) {
    if (scene.now <= lease.window_ends) return Error::too_early;
    return close_at(lease, scene, lease.stopped_at, payments);
  }
  int64_t end = 0;
  if (!end_of(lease, end)) return Error::overflow;
  if (scene.now < end) return Error::too_early;
  if (lease.proven_until == end) return close_at(lease, scene, end, payments);
  return contest(lease, scene, end, payments);
}

Error step(Lease& lease, const Action& action, const Scene& scene, Payments& payments) {
  Lease after = lease;
  Payments paid{};
  Error error = Error::bad_data;
  switch (action.tag) {
    case Tag::create_market:
    case Tag::update_market:
    case Tag::open: break;
    case Tag::ready:
      error = ready(after, scene, action.opened_slot);
      paid.left = scene.lease_lamports;
      break;
    case Tag::cancel: error = cancel(after, scene, action.renter_signed, paid); break;
    case Tag::extend: error = extend(after, scene, action.total_seconds, paid); break;
    case Tag::claim: error = claim(after, scene, action.alive_until, paid); break;
    case Tag::stop: error = stop(after, scene, action.how, paid); break;
    case Tag::finish: error = finish(after, scene, paid); break;
  }
  if (error != Error::none) return error;
  lease = after;
  payments = paid;
  return Error::none;
}

}  // namespace obelisk::escrow
