// The HistoryStore in memory, beside the MemoryStore whose leases it counts the logins of.
#pragma once

#include <algorithm>
#include <map>
#include <mutex>

#include "adapters/fake/memory_store.hpp"
#include "ports/history_store.hpp"

namespace obelisk::fake {

class MemoryHistoryStore final : public ports::HistoryStore {
 public:
  // `leases` must outlive every call of logins(); null: there are none.
  explicit MemoryHistoryStore(MemoryStore* leases = nullptr) : leases_(leases) {}

  base::Result<std::uint64_t> add(const std::vector<market::history::Sample>& samples) override {
    const std::lock_guard lock(mutex_);
    std::uint64_t added = 0;
    for (const auto& sample : samples) {
      added += samples_.try_emplace({sample.kind, sample.slot_ms}, sample).second ? 1 : 0;
    }
    return added;
  }
  base::Result<std::vector<market::history::Sample>> read(
      const ports::HistoryRange& range) override {
    const std::lock_guard lock(mutex_);
    std::vector<market::history::Sample> out;
    for (auto at = samples_.lower_bound({range.kind, range.from_ms});
         at != samples_.end() && out.size() < range.limit && at->first.first == range.kind &&
         at->first.second < range.to_ms;
         ++at) {
      out.push_back(at->second);
    }
    return out;
  }
  base::Result<std::optional<base::UnixMillis>> newest() override {
    const std::lock_guard lock(mutex_);
    std::optional<base::UnixMillis> out;
    for (const auto& [key, sample] : samples_) {
      out = std::max(out.value_or(key.second), key.second);
    }
    return out;
  }
  base::Result<std::set<market::CardKind>> kinds() override {
    const std::lock_guard lock(mutex_);
    std::set<market::CardKind> out;
    for (const auto& [key, sample] : samples_) out.insert(key.first);
    return out;
  }
  base::Result<std::uint64_t> forget(base::UnixMillis before_ms) override {
    const std::lock_guard lock(mutex_);
    return std::erase_if(samples_,
                         [&](const auto& entry) { return entry.first.second < before_ms; });
  }
  base::Result<std::vector<market::history::Login>> logins(base::UnixMillis after_ms,
                                                           base::UnixMillis until_ms) override {
    std::vector<market::history::Login> out;
    if (leases_ == nullptr) return out;
    for (const lease::Record& record : leases_->first_logins(after_ms, until_ms)) {
      out.push_back(
          {{record.quote.card, record.quote.simulated},
           static_cast<std::uint64_t>(record.life.first_login_ms - record.life.confirmed_ms)});
    }
    return out;
  }

 private:
  MemoryStore* leases_;
  std::mutex mutex_;
  std::map<std::pair<market::CardKind, base::UnixMillis>, market::history::Sample> samples_;
};

}  // namespace obelisk::fake
