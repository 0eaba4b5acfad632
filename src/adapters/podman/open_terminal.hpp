// OpenTerminal: a program in a lease that runs, by runc (exec_ground.hpp), on a pty of the lease's
// own devpts, whose other end runc hands to us. It must never wait for the lease, nor take anything
// for a pty that is none.
#pragma once

#include <memory>

#include "adapters/podman/exec_ground.hpp"
#include "base/result.hpp"
#include "ports/terminal.hpp"

namespace obelisk::podman {

// Takes some hundred milliseconds, 15 s at most. not_found where there is no such program.
base::Result<std::unique_ptr<ports::Terminal>> open_terminal(ExecutePlace place,
                                                             const ports::TerminalWish& wish);

}  // namespace obelisk::podman
