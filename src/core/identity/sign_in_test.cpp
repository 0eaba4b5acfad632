#include "core/identity/sign_in.hpp"

#include <gtest/gtest.h>

namespace obelisk::identity {
namespace {

constexpr base::UnixMillis kNowMs = 1'795'000'000'123;

base::PublicKey key(std::uint8_t n) {
  base::PublicKey out;
  out.bytes.fill(n);
  return out;
}

Origins origins() { return *Origins::parse("https://market.example,https://other.example"); }

SignIn made(const Challenges& challenges) {
  return challenges.make(*origins().find("market.example"), key(1), key(2), kNowMs);
}

TEST(SignIn, TheTextIsTheStandards) {
  SignIn sign_in = made(Challenges());
  sign_in.nonce = "0123456789abcdef";
  EXPECT_EQ(sign_in.text(),
            "market.example wants you to sign in with your Solana account:\n"
            "4vJ9JU1bJJE96FWSJKvHsmmFADCg4gpZQff4P3bkLKi\n"
            "\n"
            "Sign in to OBELISK. This moves no money and lets nobody move any.\n"
            "\n"
            "URI: https://market.example\n"
            "Version: 1\n"
            "Nonce: 0123456789abcdef\n"
            "Issued At: 2026-11-18T11:06:40Z\n"
            "Expiration Time: 2026-11-18T11:11:40Z\n"
            "Resources:\n"
            "- urn:obelisk:market:8qbHbw2BbbTHBW1sbeqakYXVKRQM8Ne7pLK7m6CVfeR");
}

TEST(SignIn, OurOwnIsKnownAgain) {
  const Challenges challenges;
  const SignIn sign_in = made(challenges);
  const auto back = challenges.read(sign_in.text(), origins(), key(1), key(2));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->nonce, sign_in.nonce);
  EXPECT_EQ(back->issued_ms, kNowMs / 1000 * 1000);
  EXPECT_NE(made(challenges).nonce, sign_in.nonce);
}

TEST(SignIn, AnythingElseIsNot) {
  const Challenges challenges;
  const std::string text = made(challenges).text();
  EXPECT_FALSE(Challenges().read(text, origins(), key(1), key(2))) << "another process";
  EXPECT_FALSE(challenges.read(text, origins(), key(3), key(2))) << "another wallet";
  EXPECT_FALSE(challenges.read(text, origins(), key(1), key(3))) << "another market";
  EXPECT_FALSE(challenges.read(text, Origins::local("127.0.0.1"), key(1), key(2)));
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {"market.example wants", "other.example wants"},
           {"URI: https://market", "URI: https://other"},
           {"moves no money", "moves all money"},
           {"Issued At: 2026", "Issued At: 2027"},
           {"Expiration Time: 2026", "Expiration Time: 2027"},
           {"Version: 1", "Version: 2"},
           {"\nResources", "\nChain ID: mainnet\nResources"}}) {
    std::string other = text;
    other.replace(other.find(from), from.size(), to);
    EXPECT_FALSE(challenges.read(other, origins(), key(1), key(2))) << to;
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string other = text;
    other[i] = other[i] == 'x' ? 'y' : 'x';
    EXPECT_FALSE(challenges.read(other, origins(), key(1), key(2))) << i;
    EXPECT_FALSE(challenges.read(text.substr(0, i), origins(), key(1), key(2))) << i;
  }
  EXPECT_FALSE(challenges.read(text + "\n", origins(), key(1), key(2)));
}

}  // namespace
}  // namespace obelisk::identity
