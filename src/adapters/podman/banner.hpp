// Banner: waits until an SSH server shows itself. A port that accepts is not enough: only the line
// "SSH-2.0-" says that somebody who connects now will be served.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

#include "base/result.hpp"

namespace obelisk::podman {

// timeout after `within`; the error of `still_alive`, asked twice a second, ends it earlier.
base::Result<void> wait_for_banner(std::uint32_t address, std::uint16_t port,
                                   std::chrono::milliseconds within,
                                   const std::function<base::Result<void>()>& still_alive);

}  // namespace obelisk::podman
