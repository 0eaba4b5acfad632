// Execute: one command in a lease that runs, by runc (exec_ground.hpp), until it has ended or its
// time is over: with its limits, seccomp and namespaces. It must never leave a process of the
// command behind, nor read a shell's syntax.
#pragma once

#include <stop_token>

#include "adapters/podman/exec_ground.hpp"
#include "base/result.hpp"
#include "ports/living.hpp"

namespace obelisk::podman {

base::Result<ports::CommandEnd> execute(const ExecutePlace& place, const ports::Command& command,
                                        const std::stop_token& stop);

// Cuts both to so many bytes together; what a program says is wrong has a quarter for sure.
void cut(ports::CommandEnd& end, std::size_t max_bytes);

}  // namespace obelisk::podman
