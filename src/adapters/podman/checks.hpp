// Checks: what this machine lacks for leases, said before anybody pays, each with what to do.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "adapters/podman/images/image.hpp"
#include "adapters/podman/layout.hpp"
#include "adapters/podman/podman_containers.hpp"
#include "base/result.hpp"
#include "core/host/finding.hpp"
#include "core/host/judge.hpp"

namespace obelisk::podman {

// All that is looked at, good or bad: root, programs, kernel, control groups, image, space,
// firewall. Changes nothing but that it may load the kernel's own modules.
std::vector<host::Finding> findings(const PodmanOptions& options);
// The first of these that is an error; missing_dependency.
base::Result<void> check_machine(const PodmanOptions& options);
// The text of /proc/self/mounts says how control groups are mounted.
host::Cgroups cgroups_in(const std::string& mounts);
// Mounts the image for a moment as a lease would.
base::Result<void> try_image(const Layout& layout, const Image& image);
// That each has a plain name and is a folder.
base::Result<void> check_caches(const std::map<std::string, std::string>& caches);

}  // namespace obelisk::podman
