#include "base/base64url.hpp"

#include <gtest/gtest.h>

namespace obelisk::base {
namespace {

TEST(Base64Url, IsWrittenForLinks) {
  EXPECT_EQ(to_base64url(Bytes{0xfb, 0xff, 0xfe}), "-__-");
  EXPECT_EQ(to_base64url(Bytes{0xfb}), "-w") << "no padding";
  EXPECT_EQ(to_base64url({}), "");
}

TEST(Base64Url, IsReadAsItIsWrittenAndNoOtherWay) {
  for (std::size_t size = 0; size < 10; ++size) {
    const Bytes bytes(size, static_cast<std::uint8_t>(0xf0 + size));
    EXPECT_EQ(from_base64url(to_base64url(bytes)), bytes);
  }
  for (const char* wrong : {"-w==", "+w", "/w", "-", "-x", "a b", "-__-A"}) {
    EXPECT_FALSE(from_base64url(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace obelisk::base
