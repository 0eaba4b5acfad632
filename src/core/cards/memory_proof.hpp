// MemoryProof: what a card answers to show that so much memory is there and can be used at once,
// and how anybody checks it without a card. memory_rule.hpp says what stands in the memory: it is
// filled from a seed and mixed in place, round by round; a tree of digests over all of it is the
// commitment; the root decides which leaves are shown, and in each of them one cell is recomputed.
//
// What a good proof shows. Whoever made it knew the seed and held the last round's cells: where
// only a part p of them is right, K samples pass with a chance of p^K a try. With K = 16 even 2^40
// tries need p to be a sixth, and a sixth of the last round's cells hangs on every cell of the
// rounds three before it. Who lacks memory for a part d of the cells has to recompute each of them
// from round 0 whenever it is met: about 2 * d * 2^(R-3) / R times the work of the mixing. Mixing
// waits for memory, and we reckon (not measured) that a card computes 20 times faster than that.
// Then with R = 16 a tenth less memory costs five times the time, and no memory fifty times. These
// are estimates for the ways to cheat that we know, not a proof that there are no others.
//
// What it does not show. Which card did it: another card, or host memory over the bus, can stand
// in; both are only slower, if they are. How long it took: only a clock that the host does not own
// can say that, from the sending of the seed to the arrival of the proof. That the memory is free
// of faults: sixteen samples of millions of leaves would not see one. And nothing about speed: the
// bandwidth a host measures is its own word. All cards of a host must be asked at the same time, or
// one stands in for the others.
//
// It must never take sizes, rounds or the seed from the proof: they are what was asked for.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.hpp"
#include "base/public_key.hpp"
#include "base/result.hpp"
#include "core/cards/memory_rule.hpp"

namespace obelisk::cards {

inline constexpr std::uint32_t kMemorySamples = 16;
// What a market asks for: the verifier needs 2^rounds mixings a sample, about 0.1 s in all.
inline constexpr std::uint32_t kMemoryRounds = 16;
inline constexpr std::uint32_t kMaxMemoryRounds = 20;
// 2 MiB: below that the shuffle has too few rows; 1 TiB: more than any card has.
inline constexpr std::uint32_t kMinMemoryChunks = 8;
inline constexpr std::uint32_t kMaxMemoryChunks = 1u << 22;

// What was asked for.
struct MemoryTerms {
  std::array<std::uint8_t, 32> seed{};   // fresh for each proof, and known to nobody before it
  std::uint32_t chunks = 0;              // of 256 KiB: kMinMemoryChunks to kMaxMemoryChunks
  std::uint32_t rounds = kMemoryRounds;  // 1 to kMaxMemoryRounds

  std::uint64_t bytes() const { return std::uint64_t{chunks} * kChunkBytes; }
  std::uint64_t cells() const { return std::uint64_t{chunks} * kChunkCells; }
  std::uint64_t leaves() const { return std::uint64_t{chunks} * kChunkLeaves; }
};

struct MemorySample {
  base::Bytes leaf;              // kLeafBytes: 32 cells as they lie in memory
  std::vector<base::Hash> path;  // from the leaf's digest to the root, lowest first
};

struct MemoryProof {
  base::Hash root;
  std::vector<MemorySample> samples;  // kMemorySamples, in the order of sample_places
};

// Where a sample lies: its leaf, and which of that leaf's cells is recomputed.
struct SamplePlace {
  std::uint64_t leaf = 0;
  std::uint32_t cell = 0;
};

// The seed's bytes as the rule's words, lowest byte first.
Seed seed_words(const std::array<std::uint8_t, 32>& seed);

// A digest's words as the bytes that base::sha256 would give.
base::Hash hash_of(const Digest& digest);

// Drawn from the terms and the root: SHA-256 each, so that nobody can choose them.
std::vector<SamplePlace> sample_places(const MemoryTerms& terms, const base::Hash& root);

// Cell number `cell` after `round` rounds, recomputed from the seed: 2^round mixings.
Cell cell_at(const MemoryTerms& terms, std::uint32_t round, std::uint64_t cell);

// invalid_input where the terms themselves are out of range.
base::Result<void> check_terms(const MemoryTerms& terms);

// One sample, made by who holds the memory: the chunk's bytes (kChunkBytes) that hold leaf `leaf`,
// and the digests of all chunks in order.
MemorySample open_sample(base::ByteView chunk, std::span<const base::Hash> chunk_digests,
                         std::uint64_t leaf);

// Whether a sample's leaf belongs under the root at that place; says nothing about its cells.
bool belongs(const MemoryTerms& terms, const base::Hash& root, std::uint64_t leaf,
             const MemorySample& sample);

// invalid_input for terms out of range or a proof of a wrong shape, refused for one that is wrong.
base::Result<void> verify(const MemoryTerms& terms, const MemoryProof& proof);

}  // namespace obelisk::cards
