// A 32-byte public key as four words. Freestanding: compiled natively and into the on-chain
// program, where a byte array would be read byte by byte. It is always 8-aligned, and never printed
// here.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace obelisk::escrow {

struct Key {
  uint64_t words[4];
};
static_assert(sizeof(Key) == 32 && alignof(Key) == 8);

inline bool same(const Key& a, const Key& b) {
  return a.words[0] == b.words[0] && a.words[1] == b.words[1] && a.words[2] == b.words[2] &&
         a.words[3] == b.words[3];
}

}  // namespace obelisk::escrow
