// How a renter stops a lease (docs/escrow.md, section 7): what to sign, by what is proven and what
// time it is on the chain. Pure. It must never concede more unproven time than the lease's own gap
// limit.
#pragma once

#include <optional>

#include "base/result.hpp"
#include "base/time.hpp"
#include "core/escrow/instruction_set.hpp"
#include "core/escrow/layout.hpp"

namespace obelisk::cli {

enum class StopStep {
  cancel,         // not ready yet: everything back
  served,         // stop, how = 0
  claim_dispute,  // claim with the newest attestation, then stop with how = 1
  dispute,        // stop with how = 1
  claim,          // contested, and the attestation proves all of it
  finish,         // contested, and the window has passed
};

// `alive_until`: of the newest attestation that the lease's attestor (or renter) signed, for this
// opening of the lease; nothing if there is none. An error (conflict) where the renter can only
// wait or concede.
base::Result<StopStep> choose_stop(const escrow::Lease& lease,
                                   std::optional<base::UnixSeconds> alive_until,
                                   base::UnixSeconds now_s);

// The `how` of that step's stop; nothing where it has none.
std::optional<escrow::StopHow> how_of(StopStep step);

}  // namespace obelisk::cli
