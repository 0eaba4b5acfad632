// What an attestation that a host holds would bring it now, by the program's own rules run here.
// Pure. It must never be taken for what happened: that is on the chain.
#pragma once

#include <cstdint>
#include <optional>

#include "base/lamports.hpp"
#include "base/time.hpp"
#include "core/escrow/layout.hpp"

namespace obelisk::host {

struct Claimable {
  base::Lamports to_host;
  base::Lamports market_fee;  // taken off already
  base::UnixSeconds proven_until_s = 0;
  bool closes = false;  // the lease ends with it

  bool operator==(const Claimable&) const = default;
};

// `balance`: what the lease's account holds; `alive_until`: of the attestation, chain seconds.
// Nothing where a claim would be refused or would pay nobody.
std::optional<Claimable> claimable(const escrow::Lease& lease, base::Lamports balance,
                                   std::int64_t alive_until, base::UnixSeconds chain_now_s);

}  // namespace obelisk::host
