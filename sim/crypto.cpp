// Stands in for base/crypto.cpp in the simulator, and nowhere else: the linker takes this object
// and leaves the other in its archive. A signature is a keyed hash, which anybody could forge but
// nobody here does, and which costs a hundredth; random bytes follow from the world's seed. What
// Ed25519 does is tested beside the real ones.
#include "base/crypto.hpp"

#include <sodium.h>

#include <algorithm>

#include "base/check.hpp"
#include "sim/random.hpp"

namespace obelisk::base {
namespace {

thread_local sim::Random chance(0);

Signature seal(const PublicKey& key, ByteView message) {
  Signature out;
  CHECK(crypto_generichash(out.bytes.data(), out.bytes.size(), message.data(), message.size(),
                           key.bytes.data(), key.bytes.size()) == 0);
  return out;
}

}  // namespace

Hash sha256(ByteView bytes) {
  Hash out;
  crypto_hash_sha256(out.bytes.data(), bytes.data(), bytes.size());
  return out;
}

bool verify(const PublicKey& key, ByteView message, const Signature& signature) {
  return seal(key, message) == signature;
}

bool is_on_curve(const PublicKey& key) { return (key.bytes[0] & 1) != 0; }

Keypair Keypair::from_seed(const std::array<std::uint8_t, 32>& seed) {
  Keypair out;
  crypto_generichash(out.public_key_.bytes.data(), 32, seed.data(), seed.size(), nullptr, 0);
  std::copy(seed.begin(), seed.end(), out.secret_.begin());
  std::copy(out.public_key_.bytes.begin(), out.public_key_.bytes.end(), out.secret_.begin() + 32);
  return out;
}

Keypair Keypair::random() {
  std::array<std::uint8_t, 32> seed;
  random_bytes(seed);
  return from_seed(seed);
}

Result<Keypair> Keypair::from_bytes(ByteView seed_and_public_key) {
  CHECK(seed_and_public_key.size() == 64);
  std::array<std::uint8_t, 32> seed;
  std::copy_n(seed_and_public_key.begin(), 32, seed.begin());
  return from_seed(seed);
}

Keypair::Keypair(Keypair&& other) noexcept = default;
Keypair& Keypair::operator=(Keypair&& other) noexcept = default;
Keypair::~Keypair() = default;

Signature Keypair::sign(ByteView message) const { return seal(public_key_, message); }

void random_bytes(std::span<std::uint8_t> out) {
  for (std::uint8_t& byte : out) byte = static_cast<std::uint8_t>(chance.next());
}

std::uint64_t random_u64() { return chance.next(); }

}  // namespace obelisk::base

namespace obelisk::sim {

void seed_crypto(std::uint64_t seed) { base::chance = Random(seed); }

}  // namespace obelisk::sim
