// What one SOL is worth, out of several markets' words: the fresh, narrow ones that agree, and
// their median. Pure; who asks them is adapters/prices. It must never make a price of a single
// source, nor of sources that contradict each other.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"

namespace obelisk::market {

// One source's last word. Micro-dollars a SOL.
struct PriceReading {
  std::string source;  // "coinbase"
  std::uint64_t bid = 0;
  std::uint64_t ask = 0;
  base::UnixMillis at_ms = 0;  // the source's own time where it gives one, else when it came
  // Quoted in dollars themselves. A price in a token that follows the dollar helps to tell which of
  // the others is wrong, and is no part of the price.
  bool in_dollars = true;
};

// The limits of common oracle practice: older, wider or further off is left out.
struct PriceLimits {
  std::int64_t max_age_ms = 15'000;
  std::int64_t max_ahead_ms = 5'000;  // a source's clock may be ahead of ours
  std::uint64_t max_spread_bps = 50;
  std::uint64_t max_apart_bps = 200;  // from the median of the others
  std::size_t least_sources = 2;      // in dollars
};

struct AgreedPrice {
  std::uint64_t micro_usd_per_sol = 0;
  base::UnixMillis at_ms = 0;         // of the oldest word in it
  std::string sources;                // "median of coinbase, kraken"
  std::vector<std::string> left_out;  // "binance: 40 s old"
};

// unreachable where too few are left; the message says why each was left out.
base::Result<AgreedPrice> agree_on_price(const std::vector<PriceReading>& readings,
                                         base::UnixMillis now_ms, const PriceLimits& limits = {});

// "142.3712345" in micro-dollars, cut after the sixth digit; nothing for another form, or a price
// that is not from 0.01 to 1,000,000 dollars.
std::optional<std::uint64_t> micro_usd_from_decimal(std::string_view text);
// mantissa x 10^exponent dollars, exponent -12 to 0, with the same bounds.
std::optional<std::uint64_t> micro_usd_from_scaled(std::int64_t mantissa, std::int32_t exponent);

}  // namespace obelisk::market
