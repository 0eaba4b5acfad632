// Images: what lies ready on a host, so that a lease of it starts within the promise. An image is
// named by its digest; a template's name says what it was made from. It must never hold two images
// of one digest, nor two of one template.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace obelisk::market {

inline constexpr std::size_t kMaxImagesPerHost = 32;

struct ListedImage {
  std::string digest;         // "sha256:<hex>"
  std::string template_name;  // "jupyter"; empty: made from no template
  std::uint64_t size_bytes = 0;
  bool operator==(const ListedImage&) const = default;
};

// What a renter asks for; nothing: the host's first.
struct WantedImage {
  std::optional<std::string> digest = {};
  std::optional<std::string> template_name = {};
};

// "sha256:" and 64 lower-case hex digits.
bool valid_image_digest(std::string_view digest);
// A lower-case letter, then at most 39 lower-case letters, digits and dashes.
bool valid_template_name(std::string_view name);

// invalid_input says what is wrong, in words for the host's log. A host has at least one image.
base::Result<void> check_images(const std::vector<ListedImage>& images);

// Null where none of them is it.
const ListedImage* find_image(const std::vector<ListedImage>& images, const WantedImage& wanted);

}  // namespace obelisk::market
