// Terminals: one line to every terminal that is open in a lease. The lease's root owns them and may
// block or fill them: nobody waits for one. It must never follow a link of the lease's, nor write
// to anything that is not a terminal of the lease's own.
#pragma once

#include <cstddef>
#include <string>

#include "base/result.hpp"

namespace obelisk::podman {

// How many took it. `pid` is the lease's first process; control characters in `line` are left out.
base::Result<std::size_t> write_to_terminals(int pid, const std::string& line);

}  // namespace obelisk::podman
