// The Stores in memory: what tests and the simulator remember, for as long as they run.
#pragma once

#include "adapters/fake/memory_answer_store.hpp"
#include "adapters/fake/memory_audit_store.hpp"
#include "adapters/fake/memory_history_store.hpp"
#include "adapters/fake/memory_refusal_store.hpp"
#include "adapters/fake/memory_report_store.hpp"
#include "adapters/fake/memory_session_store.hpp"
#include "adapters/fake/memory_store.hpp"
#include "ports/stores.hpp"

namespace obelisk::fake {

inline ports::Stores memory_stores() {
  auto leases = std::make_unique<MemoryStore>();
  auto history = std::make_unique<MemoryHistoryStore>(leases.get());
  return {std::move(leases),
          std::make_unique<MemoryAuditStore>(),
          std::make_unique<MemoryReportStore>(),
          std::make_unique<MemoryRefusalStore>(),
          std::make_unique<MemorySessionStore>(),
          std::make_unique<MemoryAnswerStore>(),
          std::move(history)};
}

}  // namespace obelisk::fake
