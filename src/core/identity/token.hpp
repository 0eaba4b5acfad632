// Token: what a session's owner shows instead of signing: 32 random bytes as text. It says nothing
// by itself; the market keeps its SHA-256 alone. It must never be logged.
#pragma once

#include <string>
#include <string_view>

#include "base/public_key.hpp"

namespace obelisk::identity {

// "obelisk_" and the bytes in base58.
std::string new_token();
// Whether it could be one of ours: what cannot is not looked for.
bool looks_like_token(std::string_view text);
base::Hash token_hash(std::string_view token);

}  // namespace obelisk::identity
