// Attestor: one key of the watch, with a method for each thing that it may say and for nothing
// else. Each is held against what the watch has seen itself; a refusal says why. It must never sign
// bytes that it did not read, nor take a market's word for what it can see.
#pragma once

#include <string>

#include "base/result.hpp"
#include "core/escrow/codec.hpp"
#include "core/lease/record.hpp"

namespace obelisk::ports {

class Attestor {
 public:
  virtual ~Attestor() = default;
  virtual const base::PublicKey& public_key() const = 0;

  // The quote's signature over these terms.
  virtual base::Result<base::Signature> quote(const std::string& terms) = 0;
  // The 88 bytes of an attestation.
  virtual base::Result<base::Signature> attestation(const escrow::AttestationFields& fields) = 0;

  // Messages of transactions that this key pays and signs alone. `quote` is the lease's, as this
  // key signed it.
  virtual base::Result<base::Signature> ready(const lease::Quote& quote,
                                              base::ByteView message) = 0;
  // A stop with how = 3, after a claim or alone.
  virtual base::Result<base::Signature> dark(base::ByteView message) = 0;
  // What anybody may send: claim, finish, cancel.
  virtual base::Result<base::Signature> settlement(base::ByteView message) = 0;
};

}  // namespace obelisk::ports
