// CardProof: a proof of memory between a market and a host. The market asks with a nonce; the seed
// is of that nonce and of the card's UUID, so that no proof serves for two cards or twice. The host
// signs what it proved; the market signs that it saw it proven, so that it need not ask again after
// every restart. It must never let a card's own word say how much of it had to be filled.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/public_key.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "core/cards/memory_proof.hpp"

namespace obelisk::cards {

using Nonce = std::array<std::uint8_t, 32>;

// How much of a card is asked for at once, and what of the listed memory has to have been filled:
// drivers keep some of it, and do not all count the same.
inline constexpr std::uint32_t kAskedPercent = 90;
inline constexpr std::uint32_t kEnoughPercent = 85;
// Before `ready`: a sample, small enough for 300 ms on a card. On cards without so much, a quarter.
inline constexpr std::uint64_t kSampleBytes = std::uint64_t{256} << 20;
// How long the market's word for a proof is good.
inline constexpr base::UnixSeconds kProvenForS = 30 * 86'400;

// SHA-256 of "obelisk card seed", the nonce and the UUID.
std::array<std::uint8_t, 32> card_seed(const Nonce& nonce, std::string_view uuid);

// The root, and each sample's leaf and path, one after the other: about 32 KB for the largest
// cards. Nothing but the terms says how long they are.
base::Bytes to_bytes(const MemoryProof& proof);
inline constexpr std::size_t kMaxProofBytes = 40'000;
// invalid_input where the bytes are not exactly those of a proof of these terms.
base::Result<MemoryProof> read_proof(const MemoryTerms& terms, base::ByteView bytes);

// What a host signs: "OBELISKP", the market account, the nonce, SHA-256 of the UUID, chunks and
// rounds (u32 each), the root.
base::Bytes proof_message(const base::PublicKey& market, const Nonce& nonce, std::string_view uuid,
                          const MemoryTerms& terms, const base::Hash& root);

// What a market keeps of a proof, and a host carries for it.
struct Proven {
  base::PublicKey host;
  std::string uuid;
  std::uint32_t chunks = 0;  // of 256 KiB, filled at once
  base::UnixSeconds at_s = 0;
  bool operator==(const Proven&) const = default;

  std::uint64_t bytes() const { return std::uint64_t{chunks} * kChunkBytes; }
};

// What the market signs: "OBELISKV", its account, the host, SHA-256 of the UUID, chunks (u32), at
// (i64).
base::Bytes proven_message(const base::PublicKey& market, const Proven& proven);

// Whether so many chunks are what was asked of a card that was listed with so much memory. Of a
// simulated card any number is: it exists only as far as its script says.
bool is_enough(std::uint32_t chunks, std::uint64_t listed_bytes, bool simulated);
// The same of a sample.
bool is_sample_enough(std::uint32_t chunks, bool simulated);

}  // namespace obelisk::cards
