// Child: other programs, by their name and arguments, never through a shell. It must never hand a
// secret in an argument, nor leave a child behind that it gave up on.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace obelisk::cli {

// Runs it with nothing to read and nowhere to write; its exit status. Killed after `timeout`
// (Code::timeout). missing_dependency where there is no such program.
base::Result<int> run_quietly(const std::vector<std::string>& command,
                              std::chrono::milliseconds timeout);

// Becomes that program; returns only where it cannot.
base::Error become(const std::vector<std::string>& command);

}  // namespace obelisk::cli
