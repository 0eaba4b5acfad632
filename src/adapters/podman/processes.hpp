// Processes: finds what still runs for an instance by the path in its command line, and waits for
// it. podman's helpers (conmon and its tidying) outlive the calls that needed them by a moment, and
// write into directories that are about to go.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

namespace obelisk::podman {

// Pids of podman, conmon and runc whose command line has `path`, a path that only we use.
std::vector<pid_t> processes_naming(const std::string& path);
// Waits until there are none; those left after `patience` are killed.
void await_processes_naming(const std::string& path, std::chrono::milliseconds patience);

}  // namespace obelisk::podman
