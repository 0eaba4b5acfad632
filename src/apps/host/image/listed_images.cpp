#include "apps/host/image/listed_images.hpp"

#include "adapters/podman/images/image_store.hpp"
#include "core/market/images.hpp"

namespace obelisk::host {

base::Result<std::vector<api::ListedImage>> listed_images(const std::filesystem::path& images_dir) {
  TRY(const auto residents, podman::resident_images(images_dir.string()));
  std::vector<api::ListedImage> out;
  for (const podman::Resident& resident : residents) {
    if (out.size() == market::kMaxImagesPerHost) break;
    const podman::Image& image = resident.image;
    // Two names of one image are one image.
    const bool is_there =
        std::ranges::find(out, image.digest, &api::ListedImage::digest) != out.end();
    if (is_there) continue;
    api::ListedImage one{image.digest, {}, image.size_bytes};
    if (!image.template_name.empty()) one.template_ = image.template_name;
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace obelisk::host
