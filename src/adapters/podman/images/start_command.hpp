// StartCommand: what a lease's first process runs: our init, sshd, and beside it the program that
// its image is for, if any. Pure.
#pragma once

#include <string>
#include <vector>

#include "adapters/podman/images/image.hpp"

namespace obelisk::podman {

// Where our own sshd is shown to a lease whose image has none.
inline constexpr const char* kToolsAt = "/.obelisk";

std::vector<std::string> start_command(const Image& image);

}  // namespace obelisk::podman
