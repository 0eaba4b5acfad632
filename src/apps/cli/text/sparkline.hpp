// Sparkline: figures as one line of eight heights, the least the lowest. What is not known is a
// space, so that a gap is seen as a gap.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace obelisk::cli {

// At most so many columns: with more figures each column is the median of its neighbours.
std::string sparkline(const std::vector<std::optional<std::uint64_t>>& figures,
                      std::size_t columns);

}  // namespace obelisk::cli
