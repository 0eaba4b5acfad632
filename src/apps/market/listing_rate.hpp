// How often each host may change its listing: so many at once, then one now and then. It must never
// grow with hosts that have been quiet.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>

#include "base/public_key.hpp"

namespace obelisk::market_app {

inline constexpr std::int64_t kListingBurst = 10;
inline constexpr std::int64_t kListingEveryMs = 30'000;

class ListingRate {
 public:
  // 0: taken, and counted. Else how many milliseconds to wait, and nothing is counted.
  std::int64_t take(const base::PublicKey& host, std::int64_t steady_ms) {
    std::erase_if(full_at_ms_, [&](const auto& entry) { return entry.second <= steady_ms; });
    std::int64_t& full = full_at_ms_[host];
    full = std::max(full, steady_ms);
    const std::int64_t after = full + kListingEveryMs;
    const std::int64_t wait = after - steady_ms - kListingBurst * kListingEveryMs;
    if (wait > 0) return wait;
    full = after;
    return 0;
  }

 private:
  // When a host's allowance is whole again; one that is whole is not kept.
  std::map<base::PublicKey, std::int64_t> full_at_ms_;
};

}  // namespace obelisk::market_app
