// Mounts: what is mounted where, as the kernel says it, and the mounts of a lease. Unmounting goes
// by what the kernel lists until it lists nothing more. It must never detach lazily: a mount that
// is only hidden still holds the disk, and a delete could still run through it.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace obelisk::podman {

// The mount points in a mountinfo text that are `top` or below it, in the order of mounting.
std::vector<std::string> mounts_below_in(std::string_view mountinfo, const std::string& top);
base::Result<std::vector<std::string>> mounts_below(const std::string& top);
// refused where anything is mounted at or below `top`: what is deleted there would be somebody
// else's.
base::Result<void> check_nothing_mounted(const std::string& top);
base::Result<bool> is_mounted(const std::string& path);

// Unmounts `top` and all below it, however often things are stacked. Busy mounts are tried again
// until `timeout`.
base::Result<void> unmount_below(const std::string& top, std::chrono::milliseconds timeout);

// The lease's root: `lower` is only read, everything new goes to `upper`.
base::Result<void> mount_overlay(const std::string& lower, const std::string& upper,
                                 const std::string& work, const std::string& target);
// `source` shown at `target`, read-only, no devices, no programs.
base::Result<void> mount_read_only(const std::string& source, const std::string& target);
// `source` shown at `target`, read-only, with the uids and gids 0 to count-1 shown as base and up.
base::Result<void> mount_idmapped(const std::string& source, const std::string& target,
                                  std::uint32_t base, std::uint32_t count);

}  // namespace obelisk::podman
