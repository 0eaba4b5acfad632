// ImageStore: the folder of images: what images/build makes and `obelisk-host image pull` adds.
//   sha256-<hex>/      an image: rootfs and image.json, only ever read
//   resident/<name>    a link to one: what this host offers
//   login              a link to our own sshd, for images that bring none
// Links are replaced whole. It must never change an image, nor remove one that a lease stands on.
#pragma once

#include <string>
#include <vector>

#include "adapters/podman/images/image.hpp"
#include "base/result.hpp"

namespace obelisk::podman {

struct Resident {
  std::string name;  // of the link: a template's, or "oci-<12 hex>"
  Image image;
};

// What is offered, `ssh` first, then by name. What cannot be read is no image and is left out.
// missing_dependency where there is none at all.
base::Result<std::vector<Resident>> resident_images(const std::string& images_dir);

// By digest, offered or not: a lease that stands on it may outlive its offer. not_found otherwise.
base::Result<Image> image_of(const std::string& images_dir, const std::string& digest);

// The folder with our own sshd; missing_dependency where it was never made.
base::Result<std::string> login_tools(const std::string& images_dir);

// Offers a finished image under this name, in the place of an older one.
base::Result<void> offer_image(const std::string& images_dir, const std::string& name,
                               const std::string& digest);
// Notes that an image is used now, as the time of its folder: what was used longest ago makes room
// first.
void note_use(const Image& image);

// Digests that the leases of a host's state folder stand on.
base::Result<std::vector<std::string>> images_in_use(const std::string& state_dir);
// Ends the offer and, where no other name leads to it, deletes the image. not_found where there is
// no such name; conflict where one of `in_use`, digests, is it.
base::Result<void> remove_image(const std::string& images_dir, const std::string& name,
                                const std::vector<std::string>& in_use);

}  // namespace obelisk::podman
