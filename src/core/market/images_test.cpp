#include "core/market/images.hpp"

#include <gtest/gtest.h>

#include "core/market/image_reference.hpp"

namespace obelisk::market {
namespace {

std::string digest(char digit) { return "sha256:" + std::string(64, digit); }

std::vector<ListedImage> two() {
  return {{digest('a'), "ssh", 1'000'000}, {digest('b'), "jupyter", 2'000'000}};
}

TEST(Images, AreFoundByDigestAndByTemplate) {
  const auto images = two();
  EXPECT_EQ(find_image(images, {})->digest, digest('a')) << "the first where none is named";
  EXPECT_EQ(find_image(images, {.digest = digest('b')})->template_name, "jupyter");
  EXPECT_EQ(find_image(images, {.template_name = "jupyter"})->digest, digest('b'));
  EXPECT_EQ(find_image(images, {.digest = digest('a'), .template_name = "jupyter"}), nullptr)
      << "both, or none";
  EXPECT_EQ(find_image(images, {.template_name = ""}), nullptr);
}

TEST(Images, AreRefusedWhereTheyCannotBeMeant) {
  EXPECT_TRUE(check_images(two()).ok());
  EXPECT_FALSE(check_images({}).ok());
  EXPECT_FALSE(check_images({{digest('a'), "ssh", 1}, {digest('a'), "jupyter", 1}}).ok());
  EXPECT_FALSE(check_images({{digest('a'), "ssh", 1}, {digest('b'), "ssh", 1}}).ok());
  EXPECT_TRUE(check_images({{digest('a'), "", 1}, {digest('b'), "", 1}}).ok())
      << "two of no template";
  EXPECT_FALSE(check_images({{"debian:12", "ssh", 1}}).ok());
  EXPECT_FALSE(check_images({{digest('a'), "ssh", std::uint64_t{1} << 60}}).ok());
  std::vector<ListedImage> many;
  for (int i = 0; i < 33; ++i) {
    std::string one = digest('0');
    one[7] = static_cast<char>('a' + i % 6);
    one[8] = static_cast<char>('0' + i / 6);
    many.push_back({one, "", 1});
  }
  EXPECT_FALSE(check_images(many).ok());
  many.pop_back();
  EXPECT_TRUE(check_images(many).ok());
}

TEST(Images, TemplatesHavePlainNames) {
  for (const char* good : {"ssh", "jupyter", "a", "llama-3"})
    EXPECT_TRUE(valid_template_name(good));
  for (const char* bad : {"", "3d", "Jupyter", "a b", "a/b", "-a", "a\n"}) {
    EXPECT_FALSE(valid_template_name(bad)) << bad;
  }
  EXPECT_TRUE(valid_template_name(std::string(40, 'a')));
  EXPECT_FALSE(valid_template_name(std::string(41, 'a')));
}

TEST(ImageReference, IsWholeOrNone) {
  const std::string hex(64, 'a');
  const auto good = parse_reference("docker.io/library/busybox@sha256:" + hex);
  ASSERT_TRUE(good);
  EXPECT_EQ(good->repository, "docker.io/library/busybox");
  EXPECT_EQ(good->registry(), "docker.io");
  EXPECT_EQ(good->text(), "docker.io/library/busybox@sha256:" + hex);
  EXPECT_TRUE(parse_reference("127.0.0.1:5000/a@sha256:" + hex));
  EXPECT_TRUE(parse_reference("localhost/a/b-c_d.e@sha256:" + hex));
  for (const std::string& bad :
       {std::string("busybox"), "busybox@sha256:" + hex, "docker.io/a:latest@sha256:" + hex,
        "docker.io/a@sha256:" + hex + "0", "docker.io/a@sha512:" + hex, "docker.io/@sha256:" + hex,
        "-x.y/a@sha256:" + hex, "docker.io/a b@sha256:" + hex, "docker.io/A@sha256:" + hex,
        "docker.io/" + std::string(300, 'a') + "@sha256:" + hex, "@sha256:" + hex}) {
    EXPECT_FALSE(parse_reference(bad)) << bad;
  }
}

}  // namespace
}  // namespace obelisk::market
