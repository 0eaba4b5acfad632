// The Stores in memory: what tests and the simulator remember, for as long as they run.
#pragma once

#include "adapters/fake/memory_store.hpp"
#include "ports/stores.hpp"

namespace obelisk::fake {

inline ports::Stores memory_stores() { return {std::make_unique<MemoryStore>()}; }

}  // namespace obelisk::fake
