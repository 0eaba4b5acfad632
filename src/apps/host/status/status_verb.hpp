// `obelisk-host status`: what this host does now, by its state folder and, where a node is named,
// by the chain. Changes nothing, and works beside a running host.
#pragma once

#include "apps/host/options.hpp"

namespace obelisk::host {

// Where a running host says that it is: STATE/host.lock.
inline constexpr const char* kLockName = "host.lock";
inline constexpr const char* kLockWords = "hosts in";

// Whether a host runs on this folder.
bool is_running(const std::filesystem::path& state_dir);

base::Result<void> status(const Asked& asked);

}  // namespace obelisk::host
