// A clock that tests turn by hand. It must never move by itself.
#pragma once

#include <atomic>

#include "ports/clock.hpp"

namespace obelisk::fake {

class FakeClock final : public ports::Clock {
 public:
  explicit FakeClock(base::UnixMillis start_ms = 1'700'000'000'000) : now_ms_(start_ms) {}

  base::UnixMillis now_ms() override { return now_ms_; }
  std::int64_t steady_ms() override { return steady_ms_; }
  // Both clocks move; a machine's clock may also be set, which step_wall does.
  void advance_ms(std::int64_t by) {
    now_ms_ += by;
    steady_ms_ += by;
  }
  void step_wall_ms(std::int64_t by) { now_ms_ += by; }

 private:
  std::atomic<base::UnixMillis> now_ms_;
  std::atomic<std::int64_t> steady_ms_{0};
};

}  // namespace obelisk::fake
