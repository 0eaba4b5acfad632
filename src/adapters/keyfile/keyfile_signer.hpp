// KeyfileSigner: signs with a key loaded from a file. The key lives in this object alone and is
// wiped with it.
#pragma once

#include <filesystem>
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

// The key of that file, or a new one where there is no file yet.
inline base::Result<std::unique_ptr<KeyfileSigner>> open_or_create(const std::string& file) {
  std::error_code error;
  if (std::filesystem::exists(file, error)) return KeyfileSigner::open(file);
  TRY(base::Keypair made, create_keypair(file));
  return std::make_unique<KeyfileSigner>(std::move(made));
}

}  // namespace obelisk::keyfile
