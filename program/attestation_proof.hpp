// Reads the attestation that the Ed25519 instruction right before ours has proven. It verifies no
// signature itself: the runtime has, or the transaction would not have come this far.
#pragma once

#include "core/escrow/layout.hpp"
#include "program/input.hpp"

namespace obelisk::program {

// `sysvar` is the Instructions sysvar, by its key. The checks run in the order of the protocol.
[[nodiscard]] Error read_attestation(const Input& input, Account& sysvar, const Key& lease_key,
                                     const escrow::Lease& lease, int64_t& alive_until);

}  // namespace obelisk::program
