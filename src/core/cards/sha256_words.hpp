// SHA-256 (FIPS 180-4) over whole 32-bit words, for kernels and for who checks them: a digest made
// here equals base::sha256 of the same bytes, where the words lie in memory with their lowest byte
// first. It must never be used where libsodium can be: it is for code that runs on a card.
#pragma once

#include "core/cards/kernel_words.hpp"

namespace obelisk::cards {

// The eight words of the standard; word 0 holds the digest's first four bytes, the first highest.
struct Digest {
  u32 word[8];
};

// The first 32 bits of the fractional parts of the cube roots of the first 64 primes (4.2.2).
inline constexpr u32 kShaRound[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

// Of the square roots of the first eight primes (5.3.3).
constexpr Digest sha_start() {
  return {{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab,
           0x5be0cd19}};
}

// One block of 64 bytes: sixteen words whose first byte is the highest. The block is used up.
OBELISK_INLINE constexpr void sha_block(Digest& digest, u32 (&block)[16]) {
  Digest now = digest;
  u32(&s)[8] = now.word;
  for (u32 sixteen = 0; sixteen < 64; sixteen += 16) {
    OBELISK_UNROLL
    for (u32 i = 0; i < 16; ++i) {
      if (sixteen != 0) {
        const u32 older = block[(i + 1) & 15];
        const u32 newer = block[(i + 14) & 15];
        block[i] += block[(i + 9) & 15] +
                    (rotated_left(older, 25) ^ rotated_left(older, 14) ^ (older >> 3)) +
                    (rotated_left(newer, 15) ^ rotated_left(newer, 13) ^ (newer >> 10));
      }
      const u32 first = s[7] + kShaRound[sixteen + i] + block[i] +
                        (rotated_left(s[4], 26) ^ rotated_left(s[4], 21) ^ rotated_left(s[4], 7)) +
                        ((s[4] & s[5]) ^ (~s[4] & s[6]));
      const u32 second =
          (rotated_left(s[0], 30) ^ rotated_left(s[0], 19) ^ rotated_left(s[0], 10)) +
          ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));
      OBELISK_UNROLL
      for (u32 j = 7; j > 0; --j) s[j] = s[j - 1];
      s[4] += first;
      s[0] = first + second;
    }
  }
  OBELISK_UNROLL
  for (u32 i = 0; i < 8; ++i) digest.word[i] += s[i];
}

// The padding of a message that fills its blocks: a block of its own, with the length in bits.
OBELISK_INLINE constexpr void sha_end(Digest& digest, u32 bits) {
  u32 block[16] = {0x80000000, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, bits};
  sha_block(digest, block);
}

// SHA-256 of two digests side by side: 64 bytes.
OBELISK_INLINE constexpr Digest sha_pair(const Digest& left, const Digest& right) {
  u32 block[16] = {};
  OBELISK_UNROLL
  for (u32 i = 0; i < 8; ++i) {
    block[i] = left.word[i];
    block[8 + i] = right.word[i];
  }
  Digest out = sha_start();
  sha_block(out, block);
  sha_end(out, 512);
  return out;
}

}  // namespace obelisk::cards
