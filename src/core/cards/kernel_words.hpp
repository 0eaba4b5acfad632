// The few words that code for a card may use: it has no standard library there. Everything the
// kernels and the verifier share is written in these, so that one source gives both. It must never
// include a standard header.
#pragma once

namespace obelisk::cards {

using u32 = __UINT32_TYPE__;
using u64 = __UINT64_TYPE__;

// Loops over small arrays have to disappear on a card: an array that is indexed by a variable lies
// in memory there, not in registers. Other compilers than clang decide for themselves.
#if defined(__clang__)
#define OBELISK_INLINE __attribute__((always_inline))
#define OBELISK_UNROLL _Pragma("clang loop unroll(full)")
#else
#define OBELISK_INLINE
#define OBELISK_UNROLL
#endif

constexpr u32 rotated_left(u32 value, u32 bits) { return (value << bits) | (value >> (32 - bits)); }

// A value's place among `count` equal parts of all 32-bit values: below `count`.
constexpr u32 scaled(u32 value, u32 count) {
  return static_cast<u32>((static_cast<u64>(value) * count) >> 32);
}

}  // namespace obelisk::cards
