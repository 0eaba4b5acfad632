// The newest the market knows of the chain: its time, the market account, and when it last
// answered. Written by the follower, read by everybody.
#pragma once

#include <algorithm>
#include <mutex>
#include <optional>

#include "apps/market/engine/seams.hpp"

namespace obelisk::engine {

// The chain counts as answering for this long after an answer.
inline constexpr std::int64_t kAnswersForMs = 5000;
// So far behind a node is believed to be at most.
inline constexpr base::UnixSeconds kMostBehindS = 30;
// The chain's time wanders against ours: what was longer ago says nothing.
inline constexpr std::int64_t kAheadWindowMs = 120'000;

class ChainView {
 public:
  void saw_time(const ports::ChainTime& time, std::int64_t steady_ms) {
    const std::lock_guard lock(mutex_);
    answered_ms_ = steady_ms;
    // A node behind the one that answered before does not turn time back.
    if (time.slot >= time_.slot) time_ = time;
    const std::int64_t ahead_ms = time_.unix_s * 1000 - steady_ms;
    if (!window_ms_ || steady_ms - *window_ms_ > kAheadWindowMs) {
      before_ahead_ms_ = window_ms_ ? std::max(most_ahead_ms_, ahead_ms) : ahead_ms;
      most_ahead_ms_ = ahead_ms;
      window_ms_ = steady_ms;
    }
    most_ahead_ms_ = std::max(most_ahead_ms_, ahead_ms);
    if (started_at_s_ == 0) started_at_s_ = time.unix_s;
  }
  void saw_market(const MarketTerms& terms) {
    const std::lock_guard lock(mutex_);
    if (!terms_ || terms.slot >= terms_->slot) terms_ = terms;
  }

  ports::ChainTime time() const {
    const std::lock_guard lock(mutex_);
    return time_;
  }
  // What it may be by now: the newest there was in the last minutes, and what has passed since by
  // our clock; no more than kMostBehindS beyond what a node has shown.
  base::UnixSeconds may_be_s(std::int64_t steady_ms) const {
    const std::lock_guard lock(mutex_);
    if (!window_ms_) return time_.unix_s;
    const base::UnixSeconds by_our_clock =
        (steady_ms + std::max(most_ahead_ms_, before_ahead_ms_)) / 1000;
    return std::clamp(by_our_clock, time_.unix_s, time_.unix_s + kMostBehindS);
  }
  // Chain time when this process first heard of it.
  base::UnixSeconds started_at_s() const {
    const std::lock_guard lock(mutex_);
    return started_at_s_;
  }
  std::optional<MarketTerms> terms() const {
    const std::lock_guard lock(mutex_);
    return terms_;
  }
  bool answers(std::int64_t steady_ms) const {
    const std::lock_guard lock(mutex_);
    return answered_ms_ && steady_ms - *answered_ms_ <= kAnswersForMs;
  }

 private:
  mutable std::mutex mutex_;
  ports::ChainTime time_;
  base::UnixSeconds started_at_s_ = 0;
  std::optional<std::int64_t> answered_ms_;
  // Chain time less our steady clock, at most: since the window began, and in the one before.
  std::optional<std::int64_t> window_ms_;
  std::int64_t most_ahead_ms_ = 0;
  std::int64_t before_ahead_ms_ = 0;
  std::optional<MarketTerms> terms_;
};

}  // namespace obelisk::engine
