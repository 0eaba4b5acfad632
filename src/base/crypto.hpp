// The three primitives everything signed here rests on, by libsodium: SHA-256, Ed25519, random
// bytes. Secret keys live in Keypair only: it cannot be copied, printed or logged, and is wiped at
// its end.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.hpp"
#include "base/public_key.hpp"
#include "base/result.hpp"

namespace obelisk::base {

Hash sha256(ByteView bytes);

// True only for a canonical signature by a key of full order (libsodium's strict check).
bool verify(const PublicKey& key, ByteView message, const Signature& signature);

// True if the 32 bytes decompress to a point of the curve, as the Solana runtime asks of program
// addresses. It is deliberately not "a valid key": small-order and mixed-order points count.
bool is_on_curve(const PublicKey& key);

class Keypair {
 public:
  static Keypair from_seed(const std::array<std::uint8_t, 32>& seed);
  static Keypair random();
  // From the 64 bytes of a Solana key file (seed, public key); refuses a pair that does not match.
  static Result<Keypair> from_bytes(ByteView seed_and_public_key);

  Keypair(Keypair&& other) noexcept;
  Keypair& operator=(Keypair&& other) noexcept;
  Keypair(const Keypair&) = delete;
  Keypair& operator=(const Keypair&) = delete;
  ~Keypair();

  const PublicKey& public_key() const { return public_key_; }
  Signature sign(ByteView message) const;
  // The 64 bytes of a key file. The caller writes them to a file of mode 0600 and nowhere else.
  std::array<std::uint8_t, 64> secret_bytes() const { return secret_; }

 private:
  Keypair() = default;
  PublicKey public_key_;
  std::array<std::uint8_t, 64> secret_{};
};

void random_bytes(std::span<std::uint8_t> out);
std::uint64_t random_u64();

}  // namespace obelisk::base
