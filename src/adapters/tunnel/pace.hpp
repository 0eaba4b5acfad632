// Pace: how often something may happen, with some patience for bursts. For one thread.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace obelisk::tunnel {

// So many a second, four times as many at once.
class Pace {
 public:
  explicit Pace(std::size_t per_second)
      : per_second_(static_cast<double>(per_second)), left_(4.0 * per_second_) {}
  bool take(std::chrono::steady_clock::time_point now) {
    const std::chrono::duration<double> passed = now - last_;
    last_ = now;
    left_ = std::min(4.0 * per_second_, left_ + passed.count() * per_second_);
    if (left_ < 1.0) return false;
    left_ -= 1.0;
    return true;
  }

 private:
  const double per_second_;
  double left_;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

}  // namespace obelisk::tunnel
