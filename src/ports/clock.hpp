// Clock: the only way any of our programs learns what time it is on this machine, so that tests can
// be the clock. The chain has a time of its own, which decides about money: see Chain::now.
#pragma once

#include "base/time.hpp"

namespace obelisk::ports {

class Clock {
 public:
  virtual ~Clock() = default;
  // UTC, may step.
  virtual base::UnixMillis now_ms() = 0;
  // Only for durations: never steps back, starts anywhere.
  virtual std::int64_t steady_ms() = 0;
};

}  // namespace obelisk::ports
