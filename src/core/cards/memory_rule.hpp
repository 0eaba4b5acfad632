// The rule by which a proof of memory fills a card: what stands in each cell, round by round. One
// source for the kernels that follow it in memory and for the verifier that recomputes single
// cells. It must never change without kMemoryRule: proofs of two rules do not understand each
// other.
//
//   cell      32 bytes, eight 32-bit words
//   leaf      32 cells (1 KiB): what a sample shows
//   chunk     256 leaves (256 KiB): what one thread digests
//   round 0   the keystream of ChaCha8 under the seed; a block of it is two cells
//   round r   every cell of the lower half meets one of the upper half, by a shuffle that only the
//             seed and the round decide; both are replaced by what ChaCha8's permutation makes of
//             the two. It happens in place: all cells have to be there, all of the time.
// A cell of round r hangs on 2^r cells of round 0, in no order that memory could be saved by.
#pragma once

#include "core/cards/kernel_words.hpp"
#include "core/cards/sha256_words.hpp"

namespace obelisk::cards {

inline constexpr u32 kMemoryRule = 1;
inline constexpr u32 kCellWords = 8;
inline constexpr u32 kCellBytes = 32;
inline constexpr u32 kLeafCells = 32;
inline constexpr u32 kLeafBytes = kLeafCells * kCellBytes;
inline constexpr u32 kChunkLevels = 8;
inline constexpr u32 kChunkLeaves = 1u << kChunkLevels;
inline constexpr u32 kChunkCells = kChunkLeaves * kLeafCells;
inline constexpr u32 kChunkBytes = kChunkCells * kCellBytes;
// Half of a chunk's cells: by so many the lower half of all cells grows with each chunk.
inline constexpr u32 kHalfChunk = kChunkCells / 2;

struct alignas(16) Cell {
  u32 word[kCellWords];
};
static_assert(sizeof(Cell) == kCellBytes);

struct Seed {
  u32 word[8];
};

// Two cells that meet: one of the lower half, one of the upper; or two neighbours of round 0.
struct CellPair {
  Cell low;
  Cell high;
};

// ChaCha's permutation with eight rounds (D. J. Bernstein, "ChaCha, a variant of Salsa20").
OBELISK_INLINE constexpr void chacha_quarter(u32& a, u32& b, u32& c, u32& d) {
  a += b;
  d = rotated_left(d ^ a, 16);
  c += d;
  b = rotated_left(b ^ c, 12);
  a += b;
  d = rotated_left(d ^ a, 8);
  c += d;
  b = rotated_left(b ^ c, 7);
}

// The permutation, and the state as it was added to it: nobody can go back from what comes out.
OBELISK_INLINE constexpr void chacha_block(u32 (&state)[16]) {
  u32 v[16] = {};
  OBELISK_UNROLL
  for (u32 i = 0; i < 16; ++i) v[i] = state[i];
  OBELISK_UNROLL
  for (u32 twice = 0; twice < 4; ++twice) {
    chacha_quarter(v[0], v[4], v[8], v[12]);
    chacha_quarter(v[1], v[5], v[9], v[13]);
    chacha_quarter(v[2], v[6], v[10], v[14]);
    chacha_quarter(v[3], v[7], v[11], v[15]);
    chacha_quarter(v[0], v[5], v[10], v[15]);
    chacha_quarter(v[1], v[6], v[11], v[12]);
    chacha_quarter(v[2], v[7], v[8], v[13]);
    chacha_quarter(v[3], v[4], v[9], v[14]);
  }
  OBELISK_UNROLL
  for (u32 i = 0; i < 16; ++i) state[i] += v[i];
}

OBELISK_INLINE constexpr CellPair two_cells(const u32 (&state)[16]) {
  CellPair out = {};
  OBELISK_UNROLL
  for (u32 i = 0; i < kCellWords; ++i) {
    out.low.word[i] = state[i];
    out.high.word[i] = state[kCellWords + i];
  }
  return out;
}

// Round 0: cells 2 * block and 2 * block + 1.
OBELISK_INLINE constexpr CellPair first_cells(const Seed& seed, u64 block) {
  u32 state[16] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};  // "expand 32-byte k"
  OBELISK_UNROLL
  for (u32 i = 0; i < 8; ++i) state[4 + i] = seed.word[i];
  state[12] = static_cast<u32>(block);
  state[13] = static_cast<u32>(block >> 32);
  state[14] = kMemoryRule;
  chacha_block(state);
  return two_cells(state);
}

// Round `round`, from 1: what becomes of the lower cell number `place` and of the one it meets.
OBELISK_INLINE constexpr CellPair met_cells(const Seed& seed, u32 round, u64 place, const Cell& low,
                                            const Cell& high) {
  u32 state[16] = {};
  OBELISK_UNROLL
  for (u32 i = 0; i < kCellWords; ++i) {
    state[i] = low.word[i] ^ seed.word[i];
    state[kCellWords + i] = high.word[i];
  }
  state[12] ^= static_cast<u32>(place);
  state[13] ^= static_cast<u32>(place >> 32);
  state[14] ^= round;
  chacha_block(state);
  return two_cells(state);
}

// 32 pseudo-random bits for one step of a round's shuffle. Two multiplications by odd numbers (the
// golden ratio's and the square root of three's first bits) are enough: nobody has to be kept from
// knowing the shuffle, it only must have no order.
constexpr u32 shuffle_bits(const Seed& seed, u32 round, u32 step, u32 value) {
  u64 x = (static_cast<u64>(seed.word[step]) << 32) ^ (static_cast<u64>(round) << 40) ^ value;
  x ^= static_cast<u64>(seed.word[7 - step]) << 8;
  x *= 0x9e3779b97f4a7c15ULL;
  x ^= x >> 29;
  x *= 0xbb67ae8584caa73bULL;
  return static_cast<u32>(x >> 32);
}

// Which cell of the upper half (counted from its start) the lower cell `place` meets in `round`:
// one to one. `chunks` is the number of all chunks, from 1; place is below chunks * kHalfChunk. The
// place is a row and a column; each step moves one of them by what the other says, so that each can
// be taken back.
constexpr u64 shuffled(const Seed& seed, u32 round, u32 chunks, u64 place) {
  u32 row = static_cast<u32>(place / kHalfChunk);
  u32 column = static_cast<u32>(place % kHalfChunk);
  for (u32 step = 0; step < 6; step += 2) {
    const u64 moved =
        static_cast<u64>(row) + scaled(shuffle_bits(seed, round, step, column), chunks);
    row = static_cast<u32>(moved >= chunks ? moved - chunks : moved);
    column = (column + shuffle_bits(seed, round, step + 1, row)) % kHalfChunk;
  }
  return static_cast<u64>(row) * kHalfChunk + column;
}

// The other way: which lower cell meets the upper one at `place`.
constexpr u64 shuffled_back(const Seed& seed, u32 round, u32 chunks, u64 place) {
  u32 row = static_cast<u32>(place / kHalfChunk);
  u32 column = static_cast<u32>(place % kHalfChunk);
  for (u32 step = 6; step > 0; step -= 2) {
    column = (column - shuffle_bits(seed, round, step - 1, row)) % kHalfChunk;
    const u32 by = scaled(shuffle_bits(seed, round, step - 2, column), chunks);
    row = row >= by ? row - by : row + (chunks - by);
  }
  return static_cast<u64>(row) * kHalfChunk + column;
}

// SHA-256 of a leaf's bytes.
OBELISK_INLINE constexpr Digest leaf_digest(const Cell* leaf) {
  Digest out = sha_start();
  for (u32 cell = 0; cell < kLeafCells; cell += 2) {
    const Cell even = leaf[cell];
    const Cell odd = leaf[cell + 1];
    u32 block[16] = {};
    OBELISK_UNROLL
    for (u32 i = 0; i < kCellWords; ++i) {
      block[i] = __builtin_bswap32(even.word[i]);
      block[kCellWords + i] = __builtin_bswap32(odd.word[i]);
    }
    sha_block(out, block);
  }
  sha_end(out, kLeafBytes * 8);
  return out;
}

// The root of a chunk's binary tree of leaves, whose cells lie in a row.
OBELISK_INLINE constexpr Digest chunk_digest(const Cell* chunk) {
  Digest open[kChunkLevels] = {};  // the left neighbour that waits on each level
  for (u32 leaf = 0; leaf < kChunkLeaves; ++leaf) {
    Digest digest = leaf_digest(chunk + static_cast<u64>(leaf) * kLeafCells);
    u32 level = 0;
    while (((leaf >> level) & 1) != 0) {
      digest = sha_pair(open[level], digest);
      ++level;
    }
    if (level == kChunkLevels) return digest;
    open[level] = digest;
  }
  return {};
}

}  // namespace obelisk::cards
