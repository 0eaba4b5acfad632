// TroubleGate: how often a host may write something of one lease into its events. Bounded: it knows
// only leases that were spoken of in the last hour, at most so many. Any thread may call.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>

#include "base/public_key.hpp"

namespace obelisk::engine {

inline constexpr std::size_t kTroublesPerHour = 30;
inline constexpr std::size_t kMaxTroubledLeases = 20'000;

class TroubleGate {
 public:
  // Whether another may be written now; counts it where it may. Steady milliseconds.
  bool take(const base::PublicKey& lease, std::int64_t now_ms);

 private:
  void forget(std::int64_t now_ms);  // mutex_ is held

  std::mutex mutex_;
  std::map<base::PublicKey, std::deque<std::int64_t>> times_;  // guarded by mutex_
  std::int64_t forgot_at_ms_ = 0;                              // guarded by mutex_
};

}  // namespace obelisk::engine
