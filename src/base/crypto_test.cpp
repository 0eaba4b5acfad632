#include "base/crypto.hpp"

#include <gtest/gtest.h>

#include <numeric>

namespace obelisk::base {
namespace {

Keypair example() {
  std::array<std::uint8_t, 32> seed;
  std::iota(seed.begin(), seed.end(), std::uint8_t{1});
  return Keypair::from_seed(seed);
}

TEST(Crypto, Sha256OfAbc) {
  EXPECT_EQ(to_hex(sha256(view_of("abc")).view()),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Crypto, SeedGivesTheKnownAddress) {
  EXPECT_EQ(example().public_key().to_string(), "9C6hybhQ6Aycep9jaUnP6uL9ZYvDjUp1aSkFWPUFJtpj");
}

TEST(Crypto, SignaturesVerifyAndChangedOnesDoNot) {
  const Keypair key = example();
  const auto message = view_of("an obelisk is the needle of a sundial");
  Signature signature = key.sign(message);
  EXPECT_TRUE(verify(key.public_key(), message, signature));
  EXPECT_FALSE(verify(key.public_key(), view_of("another"), signature));
  signature.bytes[3] ^= 1;
  EXPECT_FALSE(verify(key.public_key(), message, signature));
}

TEST(Crypto, KeyBytesRoundTripAndMismatchIsRefused) {
  auto raw = example().secret_bytes();
  EXPECT_EQ(Keypair::from_bytes(raw)->public_key(), example().public_key());
  raw[40] ^= 1;
  EXPECT_FALSE(Keypair::from_bytes(raw));
  EXPECT_FALSE(Keypair::from_bytes(ByteView(raw).first(63)));
}

TEST(Crypto, OnCurveIsDecompressionAndNotValidity) {
  EXPECT_TRUE(is_on_curve(example().public_key()));
  PublicKey small_order;  // y = 1: the identity, decompresses, and is no valid key
  small_order.bytes[0] = 1;
  EXPECT_TRUE(is_on_curve(small_order));
  EXPECT_TRUE(is_on_curve(PublicKey{}));  // y = 0
  const auto program_address = PublicKey::parse("zF2Ki5mfUJqEG3cD9NurzWVEVGuby1ZdnZWVyXar4aw");
  EXPECT_FALSE(is_on_curve(*program_address));

  int on = 0;
  for (int i = 0; i < 2000; ++i) {
    PublicKey key;
    random_bytes(key.bytes);
    on += is_on_curve(key);
  }
  EXPECT_NEAR(on, 1000, 150);  // half of all strings; a subgroup check would say one in sixteen
}

}  // namespace
}  // namespace obelisk::base
