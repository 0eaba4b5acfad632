// OutputBudget: how much the sessions of one lease may have read of what they write. To read it
// costs the host's processor and not the lease's, so where it is used up nothing is read for a
// moment, and the programs wait. Never waits itself; for several threads at once.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <mutex>

namespace obelisk::host {

inline constexpr std::int64_t kOutputBytesPerMs = 4'000;
inline constexpr std::int64_t kOutputBurst = 4'000'000;
inline constexpr std::int64_t kOutputLeast = 1'024;  // that a read costs, however few come

class OutputBudget {
 public:
  explicit OutputBudget(std::int64_t now_ms) : at_ms_(now_ms) {}

  bool has_some(std::int64_t now_ms) {
    const std::lock_guard lock(mutex_);
    const std::int64_t passed = std::clamp<std::int64_t>(now_ms - at_ms_, 0, kFullAgainMs);
    left_ = std::min(kOutputBurst, left_ + passed * kOutputBytesPerMs);
    at_ms_ = std::max(at_ms_, now_ms);
    return left_ > 0;
  }
  // What was read, which may be more than was left: that is waited for.
  void spend(std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    left_ -= std::max(kOutputLeast, static_cast<std::int64_t>(bytes));
  }

 private:
  static constexpr std::int64_t kFullAgainMs = 3'600'000;

  std::mutex mutex_;
  std::int64_t left_ = kOutputBurst;  // guarded by mutex_, as all below
  std::int64_t at_ms_;
};

}  // namespace obelisk::host
