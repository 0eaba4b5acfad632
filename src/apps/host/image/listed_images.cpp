#include "apps/host/image/listed_images.hpp"

#include <algorithm>

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
    const bool is_named = std::ranges::any_of(
        out, [&](const api::ListedImage& other) { return other.template_ == image.template_name; });
    if (!image.template_name.empty() && !is_named) one.template_ = image.template_name;
    out.push_back(std::move(one));
  }
  return out;
}

base::Result<std::vector<api::ListedImage>> ListedImages::operator()() {
  std::error_code failed;
  const auto changed = std::filesystem::last_write_time(images_dir_ / "resident", failed);
  if (!failed && changed == changed_ && !known_.empty()) return known_;
  TRY(known_, listed_images(images_dir_));
  changed_ = failed ? std::filesystem::file_time_type() : changed;
  return known_;
}

}  // namespace obelisk::host
