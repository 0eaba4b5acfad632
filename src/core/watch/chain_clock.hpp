// The chain's time as one process has seen it, against its own steady clock. Pure: it is told. It
// must never go back, nor run further ahead of what a node has shown than a node is believed to be
// behind.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "base/time.hpp"

namespace obelisk::watch {

// The chain counts as answering for this long after an answer.
inline constexpr std::int64_t kAnswersForMs = 5000;
// So far behind a node is believed to be at most.
inline constexpr base::UnixSeconds kMostBehindS = 30;
// The chain's time wanders against ours: what was longer ago says nothing.
inline constexpr std::int64_t kAheadWindowMs = 120'000;

class ChainClock {
 public:
  void saw(std::uint64_t slot, base::UnixSeconds unix_s, std::int64_t steady_ms) {
    answered_ms_ = steady_ms;
    // A node behind the one that answered before does not turn time back.
    if (slot >= slot_) {
      slot_ = slot;
      now_s_ = unix_s;
    }
    const std::int64_t ahead_ms = now_s_ * 1000 - steady_ms;
    if (!window_ms_ || steady_ms - *window_ms_ > kAheadWindowMs) {
      before_ahead_ms_ = window_ms_ ? std::max(most_ahead_ms_, ahead_ms) : ahead_ms;
      most_ahead_ms_ = ahead_ms;
      window_ms_ = steady_ms;
    }
    most_ahead_ms_ = std::max(most_ahead_ms_, ahead_ms);
    if (started_at_s_ == 0) started_at_s_ = unix_s;
  }

  std::uint64_t slot() const { return slot_; }
  base::UnixSeconds now_s() const { return now_s_; }
  // Chain time when it was first heard of.
  base::UnixSeconds started_at_s() const { return started_at_s_; }
  bool answers(std::int64_t steady_ms) const {
    return answered_ms_ && steady_ms - *answered_ms_ <= kAnswersForMs;
  }
  std::optional<std::int64_t> answered_ms() const { return answered_ms_; }
  // What it may be by now: the newest there was in the last minutes, and what has passed since by
  // our clock; no more than kMostBehindS beyond what a node has shown.
  base::UnixSeconds may_be_s(std::int64_t steady_ms) const {
    if (!window_ms_) return now_s_;
    const base::UnixSeconds by_our_clock =
        (steady_ms + std::max(most_ahead_ms_, before_ahead_ms_)) / 1000;
    return std::clamp(by_our_clock, now_s_, now_s_ + kMostBehindS);
  }

 private:
  std::uint64_t slot_ = 0;
  base::UnixSeconds now_s_ = 0;
  base::UnixSeconds started_at_s_ = 0;
  std::optional<std::int64_t> answered_ms_;
  // Chain time less our steady clock, at most: since the window began, and in the one before.
  std::optional<std::int64_t> window_ms_;
  std::int64_t most_ahead_ms_ = 0;
  std::int64_t before_ahead_ms_ = 0;
};

}  // namespace obelisk::watch
