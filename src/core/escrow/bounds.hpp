// The ranges that are compiled in: no operator and no renter can leave them. Freestanding.
#pragma once

#include "core/escrow/layout.hpp"

namespace obelisk::escrow {

inline constexpr uint16_t kMaxFeeBps = 1000;
inline constexpr uint32_t kMinReadyDeadline_s = 30;
inline constexpr uint32_t kMaxReadyDeadline_s = 600;
inline constexpr uint32_t kDefaultReadyDeadline_s = 60;
inline constexpr uint32_t kMinGapLimit_s = 60;
inline constexpr uint32_t kMaxGapLimit_s = 600;
inline constexpr uint32_t kDefaultGapLimit_s = 180;
inline constexpr uint32_t kMinClaimWindow_s = 600;
inline constexpr uint32_t kMaxClaimWindow_s = 86'400;
inline constexpr uint32_t kDefaultClaimWindow_s = 21'600;

// With these, rate x seconds stays below 2^63.
inline constexpr uint64_t kMinRate = 1;
inline constexpr uint64_t kMaxRate = uint64_t{1} << 38;
inline constexpr uint32_t kMinSeconds = 60;
inline constexpr uint32_t kMaxSeconds = 31'536'000;

inline bool within_bounds(const MarketTerms& terms) {
  return terms.paused <= 1 && terms.fee_bps <= kMaxFeeBps &&
         terms.ready_deadline_s >= kMinReadyDeadline_s &&
         terms.ready_deadline_s <= kMaxReadyDeadline_s && terms.gap_limit_s >= kMinGapLimit_s &&
         terms.gap_limit_s <= kMaxGapLimit_s && terms.claim_window_s >= kMinClaimWindow_s &&
         terms.claim_window_s <= kMaxClaimWindow_s;
}

inline bool within_bounds(uint64_t rate, uint32_t seconds, uint32_t max_seconds) {
  return rate >= kMinRate && rate <= kMaxRate && seconds >= kMinSeconds && seconds <= max_seconds &&
         max_seconds <= kMaxSeconds;
}

}  // namespace obelisk::escrow
