// What a host lets the market change about a lease it serves, and whose word it takes. Pure. The
// market brings terms, keys and proofs; it must never exchange them once the lease is admitted, nor
// let anybody in but the key that the renter signed for.
#pragma once

#include "apps/host/records.hpp"
#include "ports/containers.hpp"

namespace obelisk::host {

// The wish to go on with: the newest `want`, and of terms, quote and key the first that came.
api::MarketLease merged(api::MarketLease known, const api::MarketLease& wish);

// Who may log in: the watch to its probe, and, once the way in is open, the renter.
ports::LoginKeys keys_for(const LeaseRecord& record);

// Whether the lease's own attestor signed it, for this lease and, where it is known, this opening.
bool is_proof(const base::PublicKey& program, const LeaseRecord& record,
              const api::Attestation& attestation);

}  // namespace obelisk::host
