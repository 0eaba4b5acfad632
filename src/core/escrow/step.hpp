// How a lease changes and who is paid: the whole of the money's rules after `open`, as pure
// functions over a decoded lease. Freestanding. It reads no clock, moves no lamports and checks no
// signatures: it is told the time and the balances and answers with amounts. It pays nobody but the
// lease's own host, treasury and renter.
//
//            open            ready            final stop, or proven to the end
//   (nothing) ---> FUNDED ----------> ACTIVE ----------------------------------> closed
//                    | cancel           | stop or end with P < S (contested)       ^
//                    v                  v                                          |
//                  closed            CLOSING ---- claim up to S, stop, finish -----+
//
// P is proven_until. S, the end of what the host may be paid for, is stopped_at in CLOSING, else
// max(P, min(now, started_at + seconds)).
#pragma once

#include "core/escrow/errors.hpp"
#include "core/escrow/instruction_set.hpp"
#include "core/escrow/layout.hpp"

namespace obelisk::escrow {

// What an instruction finds around the lease.
struct Scene {
  int64_t now;
  uint64_t lease_lamports;
  uint64_t host_lamports;  // of the three wallets; only whether they are empty matters
  uint64_t treasury_lamports;
  uint64_t renter_lamports;
};

// What moves, and what the lease holds after it: lease_lamports + from_renter = to_host +
// to_treasury + to_renter + left. Where the lease closes, nothing is
// left.
struct Payments {
  uint64_t to_host;
  uint64_t to_treasury;
  uint64_t to_renter;
  uint64_t from_renter;
  uint64_t left;
};

// The lease is ACTIVE or CLOSING: what claim, stop and finish ask first.
inline bool is_running(const Lease& lease) {
  return lease.state == State::active || lease.state == State::closing;
}

// Each changes `lease` and fills `payments` (zeroed by the caller). After an error both are to be
// thrown away; step() does that for those who keep them.
[[nodiscard]] Error ready(Lease& lease, const Scene& scene, uint64_t opened_slot);
[[nodiscard]] Error cancel(Lease& lease, const Scene& scene, bool renter_signed,
                           Payments& payments);
[[nodiscard]] Error extend(Lease& lease, const Scene& scene, uint32_t total_seconds,
                           Payments& payments);
[[nodiscard]] Error claim(Lease& lease, const Scene& scene, int64_t alive_until,
                          Payments& payments);
[[nodiscard]] Error stop(Lease& lease, const Scene& scene, StopHow how, Payments& payments);
[[nodiscard]] Error finish(Lease& lease, const Scene& scene, Payments& payments);

// An instruction on a lease with all that it says; fields of other tags are not read. Signatures
// and attestations have been checked by then.
struct Action {
  Tag tag;
  StopHow how;             // stop
  bool renter_signed;      // cancel
  uint32_t total_seconds;  // extend
  uint64_t opened_slot;    // ready
  int64_t alive_until;     // claim
};

// One instruction: on an error `lease` and `payments` are as they were. bad_data for the tags that
// have no lease yet (create_market, update_market, open).
[[nodiscard]] Error step(Lease& lease, const Action& action, const Scene& scene,
                         Payments& payments);

}  // namespace obelisk::escrow
