#include "base/crypto.hpp"

#include <sodium.h>

#include "base/check.hpp"

namespace obelisk::base {
namespace {

// libsodium asks for this once before anything else; it is idempotent and thread-safe.
void ready() { CHECK(sodium_init() >= 0); }

}  // namespace

Hash sha256(ByteView bytes) {
  Hash out;
  crypto_hash_sha256(out.bytes.data(), bytes.data(), bytes.size());
  return out;
}

bool verify(const PublicKey& key, ByteView message, const Signature& signature) {
  ready();
  return crypto_sign_verify_detached(signature.bytes.data(), message.data(), message.size(),
                                     key.bytes.data()) == 0;
}

bool is_on_curve(const PublicKey& key) {
  ready();
  // Adding a point to itself fails exactly where the bytes do not decompress. The library's
  // is_valid_point also asks for the prime-order subgroup, which would give wrong addresses.
  PublicKey sum;
  return crypto_core_ed25519_add(sum.bytes.data(), key.bytes.data(), key.bytes.data()) == 0;
}

Keypair Keypair::from_seed(const std::array<std::uint8_t, 32>& seed) {
  ready();
  Keypair out;
  CHECK(crypto_sign_seed_keypair(out.public_key_.bytes.data(), out.secret_.data(), seed.data()) ==
        0);
  return out;
}

Keypair Keypair::random() {
  std::array<std::uint8_t, 32> seed;
  random_bytes(seed);
  Keypair out = from_seed(seed);
  sodium_memzero(seed.data(), seed.size());
  return out;
}

Result<Keypair> Keypair::from_bytes(ByteView seed_and_public_key) {
  if (seed_and_public_key.size() != 64) {
    return Error{
        Code::invalid_input,
        "A key has 64 bytes; this one has " + std::to_string(seed_and_public_key.size()) + ".",
        "Use a key file as the Solana CLI writes it."};
  }
  std::array<std::uint8_t, 32> seed;
  std::copy_n(seed_and_public_key.begin(), 32, seed.begin());
  Keypair out = from_seed(seed);
  sodium_memzero(seed.data(), seed.size());
  const ByteView claimed = seed_and_public_key.subspan(32);
  if (!std::equal(claimed.begin(), claimed.end(), out.public_key_.bytes.begin())) {
    return Error{Code::invalid_input, "The two halves of this key do not belong together.",
                 "The file is damaged. Restore it from your backup."};
  }
  return out;
}

Keypair::Keypair(Keypair&& other) noexcept
    : public_key_(other.public_key_), secret_(other.secret_) {
  sodium_memzero(other.secret_.data(), other.secret_.size());
}

Keypair& Keypair::operator=(Keypair&& other) noexcept {
  if (this != &other) {
    public_key_ = other.public_key_;
    secret_ = other.secret_;
    sodium_memzero(other.secret_.data(), other.secret_.size());
  }
  return *this;
}

Keypair::~Keypair() { sodium_memzero(secret_.data(), secret_.size()); }

Signature Keypair::sign(ByteView message) const {
  Signature out;
  CHECK(crypto_sign_detached(out.bytes.data(), nullptr, message.data(), message.size(),
                             secret_.data()) == 0);
  return out;
}

void random_bytes(std::span<std::uint8_t> out) {
  ready();
  if (!out.empty()) randombytes_buf(out.data(), out.size());
}

std::uint64_t random_u64() {
  std::uint64_t out = 0;
  random_bytes({reinterpret_cast<std::uint8_t*>(&out), sizeof out});
  return out;
}

}  // namespace obelisk::base
