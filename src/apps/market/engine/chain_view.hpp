// The newest the market knows of the chain: its time, the market account, and when it last
// answered. Written by the follower, read by everybody.
#pragma once

#include <mutex>
#include <optional>

#include "apps/market/engine/seams.hpp"
#include "core/watch/chain_clock.hpp"

namespace obelisk::engine {

class ChainView {
 public:
  void saw_time(const ports::ChainTime& time, std::int64_t steady_ms) {
    const std::lock_guard lock(mutex_);
    clock_.saw(time.slot, time.unix_s, steady_ms);
  }
  void saw_market(const MarketTerms& terms) {
    const std::lock_guard lock(mutex_);
    if (!terms_ || terms.slot >= terms_->slot) terms_ = terms;
  }

  ports::ChainTime time() const {
    const std::lock_guard lock(mutex_);
    return {clock_.slot(), clock_.now_s()};
  }
  // What it may be by now, should our node be behind.
  base::UnixSeconds may_be_s(std::int64_t steady_ms) const {
    const std::lock_guard lock(mutex_);
    return clock_.may_be_s(steady_ms);
  }
  // Chain time when this process first heard of it.
  base::UnixSeconds started_at_s() const {
    const std::lock_guard lock(mutex_);
    return clock_.started_at_s();
  }
  std::optional<MarketTerms> terms() const {
    const std::lock_guard lock(mutex_);
    return terms_;
  }
  bool answers(std::int64_t steady_ms) const {
    const std::lock_guard lock(mutex_);
    return clock_.answers(steady_ms);
  }

 private:
  mutable std::mutex mutex_;
  watch::ChainClock clock_;
  std::optional<MarketTerms> terms_;
};

}  // namespace obelisk::engine
