// Seclusion: what keeps a lease's eyes off this machine and its hands off rare parts of the kernel,
// beside what podman does by itself. It must never close what a card or its driver needs: PCI
// devices, processors and memory nodes stay readable.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"

namespace obelisk::podman {

// Directories of /sys where the interfaces and disks of these real paths (as /sys/class/net/* and
// /sys/class/block/* point to) lie; those below /sys/devices/virtual apart, which are closed as a
// whole. Pure.
std::vector<std::string> device_directories(const std::vector<std::string>& real_paths);

// What a lease must not read below /proc and /sys, as this machine is now. In this set-up /sys is
// the host's: its cgroups, interfaces and disks are nobody's business.
std::vector<std::string> masked_paths();

// No new user namespaces inside the lease whose first process is `pid`: within one, its root would
// reach kernel code (mounts, packet filters, raw sockets) that is closed to it otherwise. Inside,
// nobody has the capability to set it back. missing_dependency where nsenter is not there.
base::Result<void> forbid_user_namespaces(int pid);

}  // namespace obelisk::podman
