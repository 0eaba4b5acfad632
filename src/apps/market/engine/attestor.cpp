#include "apps/market/engine/attestor.hpp"

namespace obelisk::engine {

base::Result<settlement::Proof> attest(ports::Attestor& attestor,
                                       const escrow::AttestationFields& fields) {
  TRY(const base::Signature signature, attestor.attestation(fields));
  settlement::Proof proof{attestor.public_key(), fields, signature};
  if (settlement::is_valid(proof)) return proof;
  return base::Error{base::Code::internal, "The attestor's signature came out wrong.",
                     "Nothing was sent. Look at the attestor's key.", 0};
}

}  // namespace obelisk::engine
