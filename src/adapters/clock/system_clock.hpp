// SystemClock: this machine's own clock behind the Clock port.
#pragma once

#include <chrono>

#include "ports/clock.hpp"

namespace obelisk::clock {

class SystemClock final : public ports::Clock {
 public:
  base::UnixMillis now_ms() override {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
  }
  std::int64_t steady_ms() override {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::steady_clock::now().time_since_epoch())
        .count();
  }
};

}  // namespace obelisk::clock
