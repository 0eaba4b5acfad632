// Reads at addresses that are not aligned: instruction data and the Instructions sysvar are packed.
// The VM reads any address in one instruction; the compiler does not know that and would read byte
// by byte, at ten times the cost. The caller has checked that the bytes are there.
#pragma once

#include "core/escrow/key.hpp"

namespace obelisk::program {

#ifdef __bpf__

// The memory operand tells the compiler what the instruction reads.
#define OBELISK_LOAD(type, size)                                                            \
  type value;                                                                               \
  struct Bytes {                                                                            \
    uint8_t all[sizeof(type)];                                                              \
  };                                                                                        \
  __asm__("%0 = *(" size " *)(%1 + %2)"                                                     \
          : "=r"(value)                                                                     \
          : "r"(base), "i"(kOffset), "m"(*reinterpret_cast<const Bytes*>(base + kOffset))); \
  return value

#else

#define OBELISK_LOAD(type, size)                          \
  type value;                                             \
  __builtin_memcpy(&value, base + kOffset, sizeof(type)); \
  return value

#endif

template <int kOffset = 0>
inline uint64_t load_u64(const uint8_t* base) {
  OBELISK_LOAD(uint64_t, "u64");
}
template <int kOffset = 0>
inline uint32_t load_u32(const uint8_t* base) {
  OBELISK_LOAD(uint32_t, "u32");
}
template <int kOffset = 0>
inline uint16_t load_u16(const uint8_t* base) {
  OBELISK_LOAD(uint16_t, "u16");
}

#undef OBELISK_LOAD

template <int kOffset = 0>
inline int64_t load_i64(const uint8_t* base) {
  return static_cast<int64_t>(load_u64<kOffset>(base));
}

template <int kOffset = 0>
inline void load_key(const uint8_t* base, escrow::Key& key) {
  key.words[0] = load_u64<kOffset>(base);
  key.words[1] = load_u64<kOffset + 8>(base);
  key.words[2] = load_u64<kOffset + 16>(base);
  key.words[3] = load_u64<kOffset + 24>(base);
}

template <int kOffset = 0>
[[gnu::always_inline]] inline bool key_at_is(const uint8_t* base, const escrow::Key& key) {
  return load_u64<kOffset>(base) == key.words[0] && load_u64<kOffset + 8>(base) == key.words[1] &&
         load_u64<kOffset + 16>(base) == key.words[2] &&
         load_u64<kOffset + 24>(base) == key.words[3];
}

}  // namespace obelisk::program
