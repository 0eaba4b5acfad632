#include "apps/host/collecting.hpp"

#include <algorithm>

#include "core/market/terms.hpp"

namespace obelisk::host {

Collect what_to_collect(const escrow::Lease& lease, std::optional<std::int64_t> alive_until,
                        base::UnixSeconds chain_now) {
  switch (lease.state) {
    case escrow::State::closed:
    case escrow::State::funded: return {};
    case escrow::State::active: {
      const std::int64_t end = lease.started_at + lease.seconds;
      if (chain_now < end + kFinishGraceS) return {};
      const bool newer = alive_until && std::min(*alive_until, end) > lease.proven_until;
      return {newer, true};
    }
    case escrow::State::closing: {
      const bool newer =
          alive_until && std::min(*alive_until, lease.stopped_at) > lease.proven_until;
      // A claim up to the stop closes the lease by itself.
      return {newer, !newer && chain_now > lease.window_ends};
    }
  }
  return {};
}

bool is_past_paying(const std::string& terms, base::UnixSeconds chain_now) {
  const auto read = market::read_terms(terms);
  return read && chain_now > read->expires_at + kOpenLandingS;
}

}  // namespace obelisk::host
