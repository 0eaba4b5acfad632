// What lies ready on this host, as its listing names it.
#pragma once

#include <filesystem>
#include <vector>

#include "api/types.hpp"
#include "base/result.hpp"

namespace obelisk::host {

// The first is what a lease gets where its renter names none. missing_dependency where there is
// none at all. No more than a listing may have: the others wait for room.
base::Result<std::vector<api::ListedImage>> listed_images(const std::filesystem::path& images_dir);

// The same, read anew only where an offer came or went: who asks every half second costs nothing.
class ListedImages {
 public:
  explicit ListedImages(std::filesystem::path images_dir) : images_dir_(std::move(images_dir)) {}
  base::Result<std::vector<api::ListedImage>> operator()();

 private:
  std::filesystem::path images_dir_;
  std::filesystem::file_time_type changed_ = {};
  std::vector<api::ListedImage> known_ = {};
};

}  // namespace obelisk::host
