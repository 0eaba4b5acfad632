// The money's arithmetic: u64 lamports and whole seconds, every operation checked, rounding named.
// Freestanding, with 64-bit unsigned operations only: the chain's compiler target has neither wider
// products nor signed division. False means that the true result does not fit; nothing ever wraps.
#pragma once

#include <stdint.h>

namespace obelisk::escrow {

inline constexpr uint64_t kSecondsPerHour = 3600;
inline constexpr uint64_t kBasisPoints = 10'000;

[[nodiscard]] inline bool add(uint64_t a, uint64_t b, uint64_t& sum) {
  return !__builtin_add_overflow(a, b, &sum);
}

[[nodiscard]] inline bool subtract(uint64_t a, uint64_t b, uint64_t& difference) {
  return !__builtin_sub_overflow(a, b, &difference);
}

// By halves of 32 bits: the usual checks (a wider product, a division) become a wider product in the
// compiler, which the chain's target has not.
[[nodiscard]] inline bool multiply(uint64_t a, uint64_t b, uint64_t& product) {
  const uint64_t large = a < b ? b : a;
  const uint64_t small = a < b ? a : b;
  if ((small >> 32) != 0) return false;
  const uint64_t high = (large >> 32) * small;
  if ((high >> 32) != 0) return false;
  return add(high << 32, (large & 0xffffffff) * small, product);
}

[[nodiscard]] inline bool add_seconds(int64_t time, uint32_t seconds, int64_t& later) {
  return !__builtin_add_overflow(time, static_cast<int64_t>(seconds), &later);
}

// The whole seconds from `from` to `to`, which must not lie before it.
[[nodiscard]] inline bool seconds_between(int64_t from, int64_t to, uint64_t& seconds) {
  seconds = static_cast<uint64_t>(to) - static_cast<uint64_t>(from);
  return to >= from;
}

// What `seconds` cost at `rate` lamports an hour, rounded up: the renter's payment.
[[nodiscard]] inline bool price(uint64_t rate, uint64_t seconds, uint64_t& lamports) {
  uint64_t product = 0;
  if (!multiply(rate, seconds, product) || !add(product, kSecondsPerHour - 1, product)) return false;
  lamports = product / kSecondsPerHour;
  return true;
}

// What `seconds` of service earned, rounded down.
[[nodiscard]] inline bool earned(uint64_t rate, uint64_t seconds, uint64_t& lamports) {
  uint64_t product = 0;
  if (!multiply(rate, seconds, product)) return false;
  lamports = product / kSecondsPerHour;
  return true;
}

// The operator's part of `amount`, rounded down.
[[nodiscard]] inline bool fee(uint64_t amount, uint16_t fee_bps, uint64_t& lamports) {
  uint64_t product = 0;
  if (!multiply(amount, fee_bps, product)) return false;
  lamports = product / kBasisPoints;
  return true;
}

}  // namespace obelisk::escrow
