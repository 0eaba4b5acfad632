#include "apps/cli/stop_rule.hpp"

#include <algorithm>

namespace obelisk::cli {
namespace {

using base::Code;
using base::Error;

base::Result<StopStep> choose_contested(const escrow::Lease& lease,
                                        std::optional<base::UnixSeconds> alive_until,
                                        base::UnixSeconds now_s) {
  if (now_s > lease.window_ends) return StopStep::finish;
  if (alive_until && *alive_until >= lease.stopped_at) return StopStep::claim;
  return Error{Code::conflict,
               "This lease is stopped already; its unproven time waits until " +
                   base::to_rfc3339_seconds(lease.window_ends) + ".",
               "Then it comes back with: obelisk escrow finish LEASE. To give it to the host now: "
               "obelisk escrow stop LEASE --how 0"};
}

}  // namespace

base::Result<StopStep> choose_stop(const escrow::Lease& lease,
                                   std::optional<base::UnixSeconds> alive_until,
                                   base::UnixSeconds now_s) {
  switch (lease.state) {
    case escrow::State::funded: return StopStep::cancel;
    case escrow::State::closing: return choose_contested(lease, alive_until, now_s);
    case escrow::State::active: break;
    case escrow::State::closed:
      return Error{Code::not_found, "This lease is over.", "See what was paid: obelisk receipt"};
  }
  // `ready` and every claim are the attestor's word as much as the newest attestation is.
  const base::UnixSeconds proven = std::max(lease.proven_until, alive_until.value_or(0));
  const base::UnixSeconds end = lease.started_at + static_cast<base::UnixSeconds>(lease.seconds);
  const base::UnixSeconds gap = std::min(now_s, end) - proven;
  if (gap < static_cast<base::UnixSeconds>(lease.gap_limit_s)) return StopStep::served;
  const bool proves_more = alive_until && *alive_until > lease.proven_until;
  return proves_more ? StopStep::claim_dispute : StopStep::dispute;
}

std::optional<escrow::StopHow> how_of(StopStep step) {
  switch (step) {
    case StopStep::served: return escrow::StopHow::served;
    case StopStep::claim_dispute:
    case StopStep::dispute: return escrow::StopHow::dispute;
    case StopStep::cancel:
    case StopStep::claim:
    case StopStep::finish: return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace obelisk::cli
