// How long things took: a count for each of some fixed bounds, so that quantiles of many processes
// and any span of time can be told later. Not for several threads at once.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace obelisk::base {

class Histogram {
 public:
  // 0.1 ms to 60 s: from a read out of memory to the promise of a lease.
  static constexpr std::array<std::uint64_t, 18> kBoundsUs{
      100,       250,       500,       1'000,      2'500,      5'000,
      10'000,    25'000,    50'000,    100'000,    250'000,    500'000,
      1'000'000, 2'500'000, 5'000'000, 10'000'000, 30'000'000, 60'000'000};
  using Counts = std::array<std::uint64_t, kBoundsUs.size() + 1>;  // the last: above all bounds

  void add(std::uint64_t us) {
    std::size_t at = 0;
    while (at < kBoundsUs.size() && us > kBoundsUs[at]) ++at;
    ++counts_[at];
    ++count_;
    sum_us_ += us;
  }

  const Counts& counts() const { return counts_; }
  std::uint64_t count() const { return count_; }
  std::uint64_t sum_us() const { return sum_us_; }

 private:
  Counts counts_{};
  std::uint64_t count_ = 0;
  std::uint64_t sum_us_ = 0;
};

}  // namespace obelisk::base
