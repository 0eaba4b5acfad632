#include "apps/market/engine/attestor.hpp"

#include "core/solana/programs.hpp"

namespace obelisk::engine {

base::Result<settlement::Proof> attest(ports::Signer& signer,
                                       const escrow::AttestationFields& fields) {
  const base::Error broken{base::Code::internal, "The attestor's signature came out wrong.",
                           "Nothing was sent. Look at the attestor's key.", 0};
  const base::Bytes message = escrow::encode_attestation(fields);
  const auto read_back = escrow::parse_attestation(message);
  if (message.size() != solana::kAttestationBytes || !read_back || *read_back != fields) {
    return broken;
  }
  settlement::Proof proof{signer.public_key(), fields, signer.sign(message)};
  if (!settlement::is_valid(proof)) return broken;
  return proof;
}

}  // namespace obelisk::engine
