// `obelisk-host status`: what this host does now, by its state folder and, where a node is named,
// by the chain; and what its cards do. Changes nothing, and works beside a running host.
#pragma once

#include "apps/host/options.hpp"
#include "ports/card_monitor.hpp"
#include "ports/gpus.hpp"

namespace obelisk::host {

// Where a running host says that it is: STATE/host.lock.
inline constexpr const char* kLockName = "host.lock";
inline constexpr const char* kLockWords = "hosts in";

// Whether a host runs on this folder.
bool is_running(const std::filesystem::path& state_dir);

base::Result<void> status(const Asked& asked, ports::Gpus& gpus, ports::CardMonitor& monitor);

}  // namespace obelisk::host
