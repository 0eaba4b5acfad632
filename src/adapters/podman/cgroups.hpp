// Cgroups: takes away the empty control groups that podman leaves. Only directories, only empty
// ones: a group with a process in it cannot be removed this way.
#pragma once

#include <string>

namespace obelisk::podman {

// Of the top-level group `name`, in every hierarchy that is mounted.
void remove_cgroups(const std::string& name);
// The paths of it that still exist.
bool any_cgroup(const std::string& name);

}  // namespace obelisk::podman
