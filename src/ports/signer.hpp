// Signer: one key that signs, kept behind a seam so that the key itself can move to another process
// or device. It must never give the key away.
#pragma once

#include "base/public_key.hpp"

namespace obelisk::ports {

class Signer {
 public:
  virtual ~Signer() = default;
  virtual const base::PublicKey& public_key() const = 0;
  virtual base::Signature sign(base::ByteView message) = 0;
};

}  // namespace obelisk::ports
