#include "base/base58.hpp"

#include <gtest/gtest.h>

#include "base/crypto.hpp"
#include "base/public_key.hpp"

namespace obelisk::base {
namespace {

TEST(Base58, KnownValues) {
  const struct {
    const char* hex;
    const char* text;
  } cases[] = {
      {"", ""},
      {"00", "1"},
      {"0000", "11"},
      {"61", "2g"},
      {"626262", "a3gV"},
      {"516b6fcd0f", "ABnLTmg"},
      {"0000000000000000000000000000000000000000000000000000000000000000",
       "11111111111111111111111111111111"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(to_base58(*from_hex(c.hex)), c.text);
    EXPECT_EQ(from_base58(c.text), from_hex(c.hex));
  }
}

TEST(Base58, RefusesForeignCharactersAndOversize) {
  for (const char* text : {"0", "O", "I", "l", "a b", "\xc3\xa9", "+"}) {
    EXPECT_FALSE(from_base58(text)) << text;
  }
  EXPECT_FALSE(from_base58(std::string(1000, 'z'), 32));
  EXPECT_FALSE(PublicKey::parse("1111111111111111111111111111111"));    // 31 bytes
  EXPECT_FALSE(PublicKey::parse("111111111111111111111111111111111"));  // 33 bytes
}

TEST(Base58, RandomRoundTrip) {
  for (int i = 0; i < 500; ++i) {
    Bytes bytes(static_cast<std::size_t>(random_u64() % 70));
    random_bytes(bytes);
    EXPECT_EQ(from_base58(to_base58(bytes)), bytes);
  }
}

}  // namespace
}  // namespace obelisk::base
