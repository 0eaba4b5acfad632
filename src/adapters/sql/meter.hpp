// Counts and times the writes of a Backend. Any thread may call.
#pragma once

#include <chrono>
#include <mutex>

#include "base/result.hpp"
#include "ports/store_figures.hpp"

namespace obelisk::sql {

class Meter {
 public:
  // `f()` gives a base::Result: one write, from its call until it is on disk.
  template <class F>
  auto measure(const F& f) -> decltype(f()) {
    const auto begun = std::chrono::steady_clock::now();
    auto done = f();
    const auto us = std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::steady_clock::now() - begun);
    const bool failed = !done && is_failure(done.error().code);
    const std::lock_guard lock(mutex_);
    figures_.errors += failed ? 1 : 0;
    if (done) {
      ++figures_.writes;
      ++figures_.commits;
      figures_.write_times.add(static_cast<std::uint64_t>(us.count()));
    }
    return done;
  }

  ports::StoreFigures figures() const {
    const std::lock_guard lock(mutex_);
    return figures_;
  }

 private:
  // What a caller asked wrongly is answered, and is no failure of the database.
  static bool is_failure(base::Code code) {
    return code == base::Code::internal || code == base::Code::timeout ||
           code == base::Code::unreachable || code == base::Code::missing_dependency;
  }

  mutable std::mutex mutex_;
  ports::StoreFigures figures_;  // guarded by mutex_
};

}  // namespace obelisk::sql
