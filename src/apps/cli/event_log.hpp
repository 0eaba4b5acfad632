// The escrow program's events in a transaction's log: only lines that the program itself wrote, by
// following which program is running. It must never believe text that another program logged.
#pragma once

#include <string>
#include <vector>

#include "base/public_key.hpp"
#include "core/escrow/event.hpp"

namespace obelisk::cli {

// In the order they were logged.
std::vector<escrow::Event> events_in(const std::vector<std::string>& logs,
                                     const base::PublicKey& program);

}  // namespace obelisk::cli
