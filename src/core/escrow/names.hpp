// Native only. States and instructions of the program by the names that documents, files and JSON
// have for them.
#pragma once

#include <string_view>

#include "core/escrow/instruction_set.hpp"
#include "core/escrow/layout.hpp"

namespace obelisk::escrow {

// "funded", "active", "closing", "closed".
std::string_view state_name(State state);
// "open", "ready", "create_market" and so on.
std::string_view tag_name(Tag tag);

}  // namespace obelisk::escrow
