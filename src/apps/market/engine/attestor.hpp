// The attestor: makes the signed statement that a lease was served until a time. It must never sign
// anything that it cannot read back as exactly that, and it decides nothing: when to attest is
// core/lease's business.
#pragma once

#include "base/result.hpp"
#include "core/escrow/codec.hpp"
#include "core/settlement/settlement.hpp"
#include "ports/signer.hpp"

namespace obelisk::engine {

// Code::internal where the signer's answer is not a valid signature of the 88 bytes.
base::Result<settlement::Proof> attest(ports::Signer& signer,
                                       const escrow::AttestationFields& fields);

}  // namespace obelisk::engine
