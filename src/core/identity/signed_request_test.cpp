#include "core/identity/signed_request.hpp"

#include <gtest/gtest.h>

namespace obelisk::identity {
namespace {

constexpr base::UnixMillis kAtMs = 1'795'000'000'000;

base::Keypair wallet() {
  std::array<std::uint8_t, 32> seed{};
  for (std::size_t i = 0; i < seed.size(); ++i) seed[i] = static_cast<std::uint8_t>(i + 1);
  return base::Keypair::from_seed(seed);
}

Asked asked() {
  base::PublicKey market;
  market.bytes.fill(7);
  return {"POST", "/v1/quotes?a=b", "127.0.0.1:8480", market,
          base::sha256(base::view_of("{\"x\":1}"))};
}

RequestSignature signed_by(const base::Keypair& key, const Asked& what) {
  RequestSignature out{key.public_key(), kAtMs, "0123456789abcdef", {}};
  out.signature = key.sign(base::view_of(text_to_sign(what, out.at_ms, out.nonce)));
  return out;
}

TEST(SignedRequest, TheTextIsTheOneOfTheDocument) {
  EXPECT_EQ(text_to_sign(asked(), kAtMs, "0123456789abcdef"),
            "OBELISKR\n"
            "POST\n"
            "/v1/quotes?a=b\n"
            "127.0.0.1:8480\n"
            "US517G5965aydkZ46HS38QLi7UQiSojurfbQfKCELFx\n"
            "5041bf1f713df204784353e82f6a4a535931cb64f1f4b4a5aeaffcb720918b22\n"
            "1795000000000\n"
            "0123456789abcdef");
}

TEST(SignedRequest, TravelsInItsHeader) {
  const auto signature = signed_by(wallet(), asked());
  const std::string header = authorization_of(signature);
  EXPECT_EQ(header.substr(0, 66),
            "Obelisk-Signature key=\"9C6hybhQ6Aycep9jaUnP6uL9ZYvDjUp1aSkFWPUFJtp");
  const auto back = read_authorization(header);
  ASSERT_TRUE(back) << header;
  EXPECT_EQ(*back, signature);
  EXPECT_TRUE(is_signed(asked(), *back));
}

TEST(SignedRequest, EveryPartIsSigned) {
  const auto good = signed_by(wallet(), asked());
  const auto holds = [&](auto change) {
    auto what = asked();
    auto signature = good;
    change(what, signature);
    return is_signed(what, signature);
  };
  EXPECT_TRUE(holds([](Asked&, RequestSignature&) {}));
  EXPECT_FALSE(holds([](Asked& what, auto&) { what.method = "GET"; }));
  EXPECT_FALSE(holds([](Asked& what, auto&) { what.target = "/v1/quotes"; }));
  EXPECT_FALSE(holds([](Asked& what, auto&) { what.host = "127.0.0.1:8481"; }));
  EXPECT_FALSE(holds([](Asked& what, auto&) { what.market.bytes[0] ^= 1; }));
  EXPECT_FALSE(holds([](Asked& what, auto&) { what.body_hash.bytes[31] ^= 1; }));
  EXPECT_FALSE(holds([](Asked&, auto& signature) { signature.at_ms += 1; }));
  EXPECT_FALSE(holds([](Asked&, auto& signature) { signature.nonce.back() = 'g'; }));
  EXPECT_FALSE(
      holds([](Asked&, auto& signature) { signature.key = base::Keypair::random().public_key(); }));
}

TEST(SignedRequest, WhatIsNoHeaderOfOursIsUnauthorized) {
  const std::string good = authorization_of(signed_by(wallet(), asked()));
  const auto code = [](const std::string& text) {
    const auto read = read_authorization(text);
    return read ? base::Code::internal : read.error().code;
  };
  EXPECT_EQ(code(good), base::Code::internal);
  for (std::size_t length = 0; length < good.size(); ++length) {
    EXPECT_EQ(code(good.substr(0, length)), base::Code::unauthorized) << length;
  }
  EXPECT_EQ(code(good + " "), base::Code::unauthorized);
  EXPECT_EQ(code(good + std::string(1000, 'x')), base::Code::unauthorized);
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {"key=", "Key="},
           {"at=\"1", "at=\"-1"},
           {"at=\"1795000000000", "at=\"1e3"},
           {"at=\"1795000000000", "at=\"99999999999999999999"},
           {"0123456789abcdef", "short"},
           {"0123456789abcdef", "0123456789abcde\x01"},
           {"0123456789abcdef", std::string(65, 'a')},
           {"\", at", "\",at"}}) {
    std::string text = good;
    text.replace(text.find(from), from.size(), to);
    EXPECT_EQ(code(text), base::Code::unauthorized) << text;
  }
}

TEST(SignedRequest, NoncesAreNew) {
  EXPECT_EQ(new_nonce().size(), 32u);
  EXPECT_NE(new_nonce(), new_nonce());
}

}  // namespace
}  // namespace obelisk::identity
