// Checks: what this machine lacks for leases, said before anybody pays, each with what to do.
#pragma once

#include <string>

#include "adapters/podman/layout.hpp"
#include "adapters/podman/podman_containers.hpp"
#include "base/result.hpp"

namespace obelisk::podman {

// Root, programs, kernel, image, space. Changes nothing.
base::Result<void> check_machine(const PodmanOptions& options);
// Mounts the image for a moment as a lease would.
base::Result<void> try_image(const Layout& layout, const Image& image);
// not_found if an image of that digest is not here.
base::Result<void> image_is_resident(const std::string& images_dir, const std::string& digest);

}  // namespace obelisk::podman
