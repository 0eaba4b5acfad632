// The Ed25519 instructions that stand before a claim: a good one, and every way to get it wrong.
#pragma once

#include "core/escrow/layout.hpp"
#include "program/differential/cast.hpp"

namespace obelisk::differential {

struct Proof {
  Act act;
  const char* what;  // how it was made
};

// A statement of the lease's attestor, or at times of its renter.
Proof good_proof(Random& random, const Cast& cast, const Ledger& ledger, const LeaseSeat& seat,
                 std::int64_t alive_until);
// One that no claim may take; the runtime itself refuses some.
Proof bad_proof(Random& random, const Cast& cast, const Ledger& ledger, const LeaseSeat& seat,
                std::int64_t alive_until);

}  // namespace obelisk::differential
