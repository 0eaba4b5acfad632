// Asks the watch for the signed statement that a lease was served until a time. It must never hand
// on one that is not valid, since no host is paid by that; when to attest is core/lease's business.
#pragma once

#include "base/result.hpp"
#include "core/escrow/codec.hpp"
#include "core/settlement/settlement.hpp"
#include "ports/attestor.hpp"

namespace obelisk::engine {

// Code::internal where the answer is not a valid signature of the 88 bytes; else what the watch
// says.
base::Result<settlement::Proof> attest(ports::Attestor& attestor,
                                       const escrow::AttestationFields& fields);

}  // namespace obelisk::engine
