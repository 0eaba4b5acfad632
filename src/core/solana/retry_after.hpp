// retry_after_ms: how long a server that is asked too often wants to be left alone (RFC 9110,
// 10.2.3: seconds, or a date). It must never make anybody wait longer than a minute.
#pragma once

#include <optional>
#include <string_view>

#include "base/time.hpp"

namespace obelisk::solana {

inline constexpr int kLongestRetryAfterMs = 60'000;

// Nothing where the header says neither. A date of the past is 0.
std::optional<int> retry_after_ms(std::string_view header, base::UnixMillis now_ms);

}  // namespace obelisk::solana
