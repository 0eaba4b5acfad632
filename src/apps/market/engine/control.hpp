// Whether the watch itself can be trusted to see the world: only then do failed logins mean that a
// host is dark. See lease::Context::control_ok for the rule. Any thread may call.
#pragma once

#include <map>
#include <mutex>

#include "base/public_key.hpp"

namespace obelisk::engine {

inline constexpr std::int64_t kControlForMs = 60'000;

class Control {
 public:
  void login_worked(const base::PublicKey& host, std::int64_t steady_ms) {
    const std::lock_guard lock(mutex_);
    worked_[host] = steady_ms;
  }
  // A login to a host other than this one worked lately.
  bool another_host_answered(const base::PublicKey& host, std::int64_t steady_ms) const {
    const std::lock_guard lock(mutex_);
    for (const auto& [other, at_ms] : worked_) {
      if (other != host && steady_ms - at_ms <= kControlForMs) return true;
    }
    return false;
  }

 private:
  mutable std::mutex mutex_;
  std::map<base::PublicKey, std::int64_t> worked_;
};

}  // namespace obelisk::engine
