// The AuditStore in memory, for tests and the simulator.
#pragma once

#include <mutex>

#include "ports/audit_store.hpp"

namespace obelisk::fake {

class MemoryAuditStore : public ports::AuditStore {
 public:
  base::Result<std::uint64_t> add(const ports::AuditRow& row) override {
    const std::lock_guard lock(mutex_);
    rows_.push_back(row);
    return rows_.back().seq = rows_.size();
  }
  base::Result<std::vector<ports::AuditRow>> newest(std::uint64_t before_seq,
                                                    std::size_t limit) override {
    const std::lock_guard lock(mutex_);
    std::vector<ports::AuditRow> out;
    for (auto at = rows_.rbegin(); at != rows_.rend() && out.size() < limit; ++at) {
      if (before_seq == 0 || at->seq < before_seq) out.push_back(*at);
    }
    return out;
  }

 private:
  std::mutex mutex_;
  std::vector<ports::AuditRow> rows_;
};

}  // namespace obelisk::fake
