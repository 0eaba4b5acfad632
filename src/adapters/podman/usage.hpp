// Usage: what a lease uses, read from this machine's own books: its control groups (version 1, 2 or
// both), its disk's file system, the host's end of its network. It must never ask anything inside
// the lease, where its root could answer for the kernel.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "ports/living.hpp"

namespace obelisk::podman {

// Where a process stands in each hierarchy.
struct ControlGroups {
  std::map<std::string, std::string> by_controller;  // version 1: "pids" -> "/a/b"
  std::optional<std::string> unified;                // version 2: "/a/b"
};
// From the text of /proc/PID/cgroup.
ControlGroups parse_control_groups(std::string_view text);
ControlGroups control_groups_of(int pid);
// The directory of that controller's group below `top`; empty where there is none.
std::string directory_of(const ControlGroups& groups, const std::string& controller,
                         const std::string& top = "/sys/fs/cgroup");

// `pid`: the lease's first process; `disk`: where its disk is mounted; `interface`: the host's end.
ports::Usage usage_of(int pid, const std::string& disk, const std::string& interface);

}  // namespace obelisk::podman
