// What a transaction offers for its place in a block, from what others paid lately. A price for a
// compute unit is in micro-lamports, as the ComputeBudget program takes it; what is paid is
// price x limit, rounded up. It must never offer more than its limits, whatever a node says.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace obelisk::solana {

// The defaults: at least nothing, at most 1 lamport a unit, and never more than 50,000 lamports
// (ten signatures) for one transaction.
struct FeeLimits {
  std::uint64_t least_price = 0;
  std::uint64_t most_price = 1'000'000;
  std::uint64_t most_lamports = 50'000;

  bool operator==(const FeeLimits&) const = default;
};

// From settings: "0..1000000" micro-lamports a unit, and "50000" lamports; empty is the default.
base::Result<FeeLimits> fee_limits_from(std::string_view prices, std::string_view most_lamports);

struct Budget {
  std::uint32_t units = 0;
  std::uint64_t price = 0;

  bool operator==(const Budget&) const = default;
};

inline constexpr std::uint32_t kMostUnits = 1'400'000;  // of one transaction; the runtime's rule

// A tenth more than it took when it was tried, since others change what it meets.
std::uint32_t unit_limit_for(std::uint64_t simulated_units);
// The third quartile of those that were not 0, within the limits for so many units.
std::uint64_t unit_price_for(std::vector<std::uint64_t> recent, std::uint32_t units,
                             const FeeLimits& limits);

}  // namespace obelisk::solana
