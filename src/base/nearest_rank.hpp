// The value at a percentile by nearest rank, as every figure of ours is computed: a value that was
// measured, never one between two.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "base/check.hpp"

namespace obelisk::base {

// `sorted` is ascending and not empty; `percent` 1 to 100.
template <class T>
T nearest_rank(const std::vector<T>& sorted, std::size_t percent) {
  CHECK(!sorted.empty());
  const std::size_t rank = (sorted.size() * percent + 99) / 100;
  return sorted[std::clamp<std::size_t>(rank, 1, sorted.size()) - 1];
}

}  // namespace obelisk::base
