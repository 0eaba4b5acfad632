#include "apps/market/engine/trouble_gate.hpp"

namespace obelisk::engine {
namespace {

constexpr std::int64_t kHourMs = 3'600'000;

}  // namespace

bool TroubleGate::take(const base::PublicKey& lease, std::int64_t now_ms) {
  const std::lock_guard lock(mutex_);
  forget(now_ms);
  if (times_.size() >= kMaxTroubledLeases && !times_.contains(lease)) return false;
  std::deque<std::int64_t>& times = times_[lease];
  while (!times.empty() && now_ms - times.front() >= kHourMs) times.pop_front();
  if (times.size() >= kTroublesPerHour) return false;
  times.push_back(now_ms);
  return true;
}

void TroubleGate::forget(std::int64_t now_ms) {
  if (now_ms - forgot_at_ms_ < kHourMs && times_.size() < kMaxTroubledLeases) return;
  forgot_at_ms_ = now_ms;
  std::erase_if(times_, [&](const auto& entry) { return now_ms - entry.second.back() >= kHourMs; });
}

}  // namespace obelisk::engine
