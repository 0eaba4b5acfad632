#include "core/host/idle_watch.hpp"

namespace obelisk::host {

std::optional<bool> IdleWatch::look(const std::optional<std::int64_t>& idle_s) {
  if (!idle_s || idle_ == (*idle_s >= kIdleAfterS)) return std::nullopt;
  idle_ = !idle_;
  return idle_;
}

}  // namespace obelisk::host
