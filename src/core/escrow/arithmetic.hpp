// The money's arithmetic: u64 lamports and whole seconds, every operation checked, rounding named.
// Freestanding, with 64-bit unsigned operations only: the chain's compiler target has neither wider
// products nor signed division. False means that the result may not fit; nothing ever wraps. The
// checks are written as comparisons before the operation, which cost least on chain.
#pragma once

#include "core/escrow/bounds.hpp"

namespace obelisk::escrow {

inline constexpr uint64_t kSecondsPerHour = 3600;
inline constexpr uint64_t kBasisPoints = 10'000;

[[nodiscard]] inline bool add(uint64_t a, uint64_t b, uint64_t& sum) {
  if (a > UINT64_MAX - b) return false;
  sum = a + b;
  return true;
}

[[nodiscard]] inline bool subtract(uint64_t a, uint64_t b, uint64_t& difference) {
  if (b > a) return false;
  difference = a - b;
  return true;
}

// The product of two factors that are known to be small: it is refused by their sizes, and so
// cannot pass 2^63. The protocol's bounds keep every factor within these.
inline constexpr unsigned kRateBits = 39;
inline constexpr unsigned kSecondsBits = 24 + 1;
inline constexpr unsigned kAmountBits = 53;
inline constexpr unsigned kFeeBits = 10;
static_assert(kMaxRate < uint64_t{1} << kRateBits && kMaxSeconds < uint64_t{1} << kSecondsBits);
static_assert(kMaxRate * kMaxSeconds / kSecondsPerHour < uint64_t{1} << kAmountBits);
static_assert(kMaxFeeBps < uint64_t{1} << kFeeBits);

template <unsigned kBitsA, unsigned kBitsB>
[[nodiscard]] inline bool multiply(uint64_t a, uint64_t b, uint64_t& product) {
  static_assert(kBitsA + kBitsB <= 64);
  if (a >= (uint64_t{1} << kBitsA) || b >= (uint64_t{1} << kBitsB)) return false;
  product = a * b;
  return true;
}

[[nodiscard]] inline bool add_seconds(int64_t time, uint32_t seconds, int64_t& later) {
  later = static_cast<int64_t>(static_cast<uint64_t>(time) + seconds);
  return later >= time;
}

// The whole seconds from `from` to `to`, which must not lie before it.
[[nodiscard]] inline bool seconds_between(int64_t from, int64_t to, uint64_t& seconds) {
  seconds = static_cast<uint64_t>(to) - static_cast<uint64_t>(from);
  return to >= from;
}

// What rounds up cannot wrap: the largest product leaves room for it.
inline constexpr uint64_t kLargestProduct =
    ((uint64_t{1} << kRateBits) - 1) * ((uint64_t{1} << kSecondsBits) - 1);
static_assert(kLargestProduct <= UINT64_MAX - (kSecondsPerHour - 1));
inline constexpr uint64_t kLargestPrice = (kLargestProduct + kSecondsPerHour - 1) / kSecondsPerHour;

// What `seconds` cost at `rate` lamports an hour, rounded up: the renter's payment.
[[nodiscard]] inline bool price(uint64_t rate, uint64_t seconds, uint64_t& lamports) {
  uint64_t product = 0;
  if (!multiply<kRateBits, kSecondsBits>(rate, seconds, product)) return false;
  lamports = (product + kSecondsPerHour - 1) / kSecondsPerHour;
  return true;
}

// What `seconds` of service earned, rounded down.
[[nodiscard]] inline bool earned(uint64_t rate, uint64_t seconds, uint64_t& lamports) {
  uint64_t product = 0;
  if (!multiply<kRateBits, kSecondsBits>(rate, seconds, product)) return false;
  lamports = product / kSecondsPerHour;
  return true;
}

// The operator's part of `amount`, rounded down.
[[nodiscard]] inline bool fee(uint64_t amount, uint16_t fee_bps, uint64_t& lamports) {
  uint64_t product = 0;
  if (!multiply<kAmountBits, kFeeBits>(amount, fee_bps, product)) return false;
  lamports = product / kBasisPoints;
  return true;
}

}  // namespace obelisk::escrow
