// The wall clock in whole seconds, by which passes and quotes are good or over.
#pragma once

#include <chrono>

#include "base/time.hpp"

namespace obelisk::tunnel {

inline base::UnixSeconds unix_s() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::seconds>(now).count();
}

}  // namespace obelisk::tunnel
