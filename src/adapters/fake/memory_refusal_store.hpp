// The RefusalStore in memory, for tests and the simulator.
#pragma once

#include <map>
#include <mutex>

#include "ports/refusal_store.hpp"

namespace obelisk::fake {

class MemoryRefusalStore : public ports::RefusalStore {
 public:
  base::Result<bool> put(const ports::Refusal& refusal) override {
    const std::lock_guard lock(mutex_);
    return !rows_.insert_or_assign(refusal.address, refusal).second;
  }
  base::Result<bool> lift(const base::PublicKey& address) override {
    const std::lock_guard lock(mutex_);
    return rows_.erase(address) == 1;
  }
  base::Result<std::vector<ports::Refusal>> all() override {
    const std::lock_guard lock(mutex_);
    std::vector<ports::Refusal> out;
    for (const auto& [address, refusal] : rows_) out.push_back(refusal);
    return out;
  }

 private:
  std::mutex mutex_;
  std::map<base::PublicKey, ports::Refusal> rows_;
};

}  // namespace obelisk::fake
