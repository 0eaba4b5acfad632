// The ranges that are compiled in: no operator and no renter can leave them. Freestanding.
#pragma once

#include "core/escrow/layout.hpp"

namespace obelisk::escrow {

inline constexpr uint16_t kMaxFeeBps = 1000;
inline constexpr uint32_t kMinReadyDeadlineS = 30;
inline constexpr uint32_t kMaxReadyDeadlineS = 600;
inline constexpr uint32_t kDefaultReadyDeadlineS = 60;
inline constexpr uint32_t kMinGapLimitS = 60;
inline constexpr uint32_t kMaxGapLimitS = 600;
inline constexpr uint32_t kDefaultGapLimitS = 180;
inline constexpr uint32_t kMinClaimWindowS = 600;
inline constexpr uint32_t kMaxClaimWindowS = 86'400;
inline constexpr uint32_t kDefaultClaimWindowS = 21'600;

// With these, rate x seconds stays below 2^63.
inline constexpr uint64_t kMinRate = 1;
inline constexpr uint64_t kMaxRate = uint64_t{1} << 38;
inline constexpr uint32_t kMinSeconds = 60;
inline constexpr uint32_t kMaxSeconds = 31'536'000;

inline bool within_bounds(const MarketTerms& terms) {
  return terms.paused <= 1 && terms.fee_bps <= kMaxFeeBps &&
         terms.ready_deadline_s >= kMinReadyDeadlineS &&
         terms.ready_deadline_s <= kMaxReadyDeadlineS && terms.gap_limit_s >= kMinGapLimitS &&
         terms.gap_limit_s <= kMaxGapLimitS && terms.claim_window_s >= kMinClaimWindowS &&
         terms.claim_window_s <= kMaxClaimWindowS;
}

inline bool within_bounds(uint64_t rate, uint32_t seconds, uint32_t max_seconds) {
  return rate >= kMinRate && rate <= kMaxRate && seconds >= kMinSeconds && seconds <= max_seconds &&
         max_seconds <= kMaxSeconds;
}

}  // namespace obelisk::escrow
