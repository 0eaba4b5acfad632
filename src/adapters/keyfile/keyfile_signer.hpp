// KeyfileSigner: signs with a key loaded from a file. The key lives in this object alone and is
// wiped with it.
#pragma once

#include <memory>
#include <string>

#include "adapters/keyfile/keyfile.hpp"
#include "ports/signer.hpp"

namespace obelisk::keyfile {

class KeyfileSigner : public ports::Signer {
 public:
  explicit KeyfileSigner(base::Keypair keypair) : keypair_(std::move(keypair)) {}
  // Fails as load_keypair does.
  static base::Result<std::unique_ptr<KeyfileSigner>> open(const std::string& file) {
    TRY(base::Keypair keypair, load_keypair(file));
    return std::make_unique<KeyfileSigner>(std::move(keypair));
  }

  const base::PublicKey& public_key() const override { return keypair_.public_key(); }
  base::Signature sign(base::ByteView message) override { return keypair_.sign(message); }

 private:
  base::Keypair keypair_;
};

}  // namespace obelisk::keyfile
