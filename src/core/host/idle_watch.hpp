// IdleWatch: tells once that a lease does nothing, and once that it is at work again. Pure. It must
// never call one idle of which that is not known.
#pragma once

#include <cstdint>
#include <optional>

namespace obelisk::host {

inline constexpr std::int64_t kIdleAfterS = 600;

// Of one lease.
class IdleWatch {
 public:
  // True: idle from now on. False: at work again. Nothing: as it was, or not known.
  std::optional<bool> look(const std::optional<std::int64_t>& idle_s);

 private:
  bool idle_ = false;
};

}  // namespace obelisk::host
