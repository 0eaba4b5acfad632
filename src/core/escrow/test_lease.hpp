// For tests: a lease as `open` leaves it, and the scene around it.
#pragma once

#include "core/escrow/arithmetic.hpp"
#include "core/escrow/step.hpp"

namespace obelisk::escrow {

inline constexpr std::int64_t kOpenedAt = 1'800'000'000;

inline Lease test_lease(State state = State::funded) {
  Lease lease{};
  lease.kind = kLeaseKind;
  lease.version = kVersion;
  lease.state = State::funded;
  lease.fee_bps = 250;
  lease.ready_deadline_s = 60;
  lease.gap_limit_s = 180;
  lease.claim_window_s = 21'600;
  lease.seconds = 3600;
  lease.max_seconds = 7200;
  lease.rate = 7'200'000;  // 2,000 lamports a second
  lease.opened_slot = 42;
  lease.opened_at = kOpenedAt;
  if (state == State::funded) return lease;
  lease.started_at = kOpenedAt + 10;
  lease.proven_until = lease.started_at;
  lease.state = State::active;
  if (state == State::active) return lease;
  lease.stopped_at = lease.started_at + 1000;
  lease.window_ends = lease.stopped_at + lease.claim_window_s;
  lease.state = State::closing;
  return lease;
}

inline std::uint64_t price_of(const Lease& lease) {
  std::uint64_t lamports = 0;
  return price(lease.rate, lease.seconds, lamports) ? lamports : 0;
}

// Everyone has a wallet with something in it; the lease holds its price and the bond.
inline Scene test_scene(const Lease& lease, std::int64_t now) {
  return {now, price_of(lease) + kBondLamports, 1, 1, 1};
}

inline bool operator==(const Payments& a, const Payments& b) {
  return a.to_host == b.to_host && a.to_treasury == b.to_treasury && a.to_renter == b.to_renter &&
         a.from_renter == b.from_renter && a.left == b.left;
}

}  // namespace obelisk::escrow
