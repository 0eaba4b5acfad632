// The AnswerStore in memory, for tests and the simulator.
#pragma once

#include <algorithm>
#include <map>
#include <mutex>
#include <vector>

#include "ports/answer_store.hpp"

namespace obelisk::fake {

class MemoryAnswerStore final : public ports::AnswerStore {
 public:
  base::Result<std::optional<ports::AnswerRow>> find(const std::string& caller,
                                                     const std::string& key) override {
    const std::lock_guard lock(mutex_);
    const auto at = rows_.find({caller, key});
    return at == rows_.end() ? std::nullopt : std::optional(at->second);
  }

  base::Result<ports::AnswerRow> keep(const ports::AnswerRow& row, base::UnixMillis not_before_ms,
                                      std::size_t most) override {
    const std::lock_guard lock(mutex_);
    ports::AnswerRow& place = rows_.try_emplace({row.caller, row.key}, row).first->second;
    if (place.given_ms < not_before_ms) place = row;
    const ports::AnswerRow kept = place;
    std::vector<std::pair<base::UnixMillis, Name>> mine;
    for (const auto& [name, answer] : rows_) {
      if (name.first == row.caller) mine.emplace_back(-answer.given_ms, name);
    }
    std::ranges::sort(mine);
    for (std::size_t i = most; i < mine.size(); ++i) rows_.erase(mine[i].second);
    return kept;
  }

  base::Result<std::uint64_t> forget(base::UnixMillis given_before_ms, std::size_t most) override {
    const std::lock_guard lock(mutex_);
    std::uint64_t gone = std::erase_if(
        rows_, [&](const auto& entry) { return entry.second.given_ms < given_before_ms; });
    std::vector<base::UnixMillis> times;
    for (const auto& [name, answer] : rows_) times.push_back(answer.given_ms);
    if (times.size() <= most) return gone;
    std::ranges::sort(times, std::greater<>());
    const base::UnixMillis last = times[most];
    gone += std::erase_if(rows_, [&](const auto& entry) { return entry.second.given_ms <= last; });
    return gone;
  }

 private:
  using Name = std::pair<std::string, std::string>;
  std::mutex mutex_;
  std::map<Name, ports::AnswerRow> rows_;  // guarded by mutex_
};

}  // namespace obelisk::fake
