#include "core/identity/token.hpp"

#include <gtest/gtest.h>

namespace obelisk::identity {
namespace {

TEST(Token, IsOursAndNeverTheSame) {
  const std::string token = new_token();
  EXPECT_TRUE(looks_like_token(token)) << token;
  EXPECT_NE(token, new_token());
  EXPECT_NE(token_hash(token), token_hash(token + "x"));
}

TEST(Token, WhatCannotBeOneIsNotLookedFor) {
  const std::string token = new_token();
  for (const std::string& text :
       {std::string(), std::string("obelisk_"), token.substr(8), "Obelisk_" + token.substr(8),
        token + token.substr(8), token.substr(0, token.size() - 2), token + " ",
        std::string(5000, 'x')}) {
    EXPECT_FALSE(looks_like_token(text)) << text.substr(0, 80);
  }
}

}  // namespace
}  // namespace obelisk::identity
