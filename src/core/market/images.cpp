#include "core/market/images.hpp"

#include <algorithm>
#include <set>

namespace obelisk::market {
namespace {

constexpr std::size_t kMaxTemplateName = 40;
constexpr std::uint64_t kMaxImageBytes = std::uint64_t{1} << 50;

bool lower_case(char c) { return c >= 'a' && c <= 'z'; }
bool digit(char c) { return c >= '0' && c <= '9'; }

base::Error bad(const std::string& what, std::string action) {
  return {base::Code::invalid_input, "This listing was not taken: " + what + ".",
          std::move(action)};
}

}  // namespace

bool valid_image_digest(std::string_view digest) {
  constexpr std::string_view kPrefix = "sha256:";
  return digest.size() == kPrefix.size() + 64 && digest.starts_with(kPrefix) &&
         std::ranges::all_of(digest.substr(kPrefix.size()),
                             [](char c) { return digit(c) || (c >= 'a' && c <= 'f'); });
}

bool valid_template_name(std::string_view name) {
  return !name.empty() && name.size() <= kMaxTemplateName && lower_case(name[0]) &&
         std::ranges::all_of(name, [](char c) { return lower_case(c) || digit(c) || c == '-'; });
}

base::Result<void> check_images(const std::vector<ListedImage>& images) {
  if (images.empty() || images.size() > kMaxImagesPerHost) {
    return bad("it has no image, or more than 32", "List between 1 and 32 images.");
  }
  std::set<std::string_view> digests;
  std::set<std::string_view> templates;
  for (const ListedImage& image : images) {
    if (!valid_image_digest(image.digest)) {
      return bad("an image is not named by a digest", "Send sha256: and 64 hex digits.");
    }
    if (!digests.insert(image.digest).second) {
      return bad("an image is in it twice", "List each image once.");
    }
    if (image.size_bytes > kMaxImageBytes) {
      return bad("no image is that large", "Send its size in bytes.");
    }
    if (image.template_name.empty()) continue;
    if (!valid_template_name(image.template_name)) {
      return bad("a template's name is malformed",
                 "Send at most 40 lower-case letters, digits and dashes.");
    }
    if (!templates.insert(image.template_name).second) {
      return bad("two of its images are of one template", "List one image for each template.");
    }
  }
  return {};
}

const ListedImage* find_image(const std::vector<ListedImage>& images, const WantedImage& wanted) {
  const auto at = std::ranges::find_if(images, [&](const ListedImage& image) {
    return (!wanted.digest || image.digest == *wanted.digest) &&
           (!wanted.template_name || image.template_name == *wanted.template_name);
  });
  return at == images.end() ? nullptr : &*at;
}

}  // namespace obelisk::market
