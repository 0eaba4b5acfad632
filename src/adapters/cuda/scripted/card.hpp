// What stands in for a card: memory that may be less than it says, and a loop over the threads of a
// launch. The kernels are the real ones, compiled for this machine.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "adapters/cuda/kernels/work.hpp"

namespace obelisk::cuda::scripted {

class CardMemory {
 public:
  CardMemory() = default;
  ~CardMemory();
  CardMemory(const CardMemory&) = delete;
  CardMemory& operator=(const CardMemory&) = delete;

  // 0 where there is not so much. Only the first `real_bytes` are there: what lies behind them is
  // the same memory again, as on cards that are sold for larger than they are.
  std::uint64_t allocate(std::uint64_t bytes, std::uint64_t real_bytes);
  bool free(std::uint64_t address);
  // All of them lie in one allocation.
  bool holds(std::uint64_t address, std::uint64_t bytes) const;
  std::uint64_t bytes_from(std::uint64_t address) const;
  std::size_t count() const { return sizes_.size(); }
  std::uint64_t used() const;

 private:
  std::map<std::uint64_t, std::uint64_t> sizes_;
};

// Null for a name that is none of our kernels'.
using KernelFn = void(Work);
KernelFn* native_kernel(const std::string& name);

// The whole grid, one thread after the other.
void run_grid(KernelFn* kernel, const Work& work, std::uint64_t blocks);

}  // namespace obelisk::cuda::scripted
