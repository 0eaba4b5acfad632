#include "core/identity/token.hpp"

#include "base/crypto.hpp"

namespace obelisk::identity {
namespace {

constexpr std::string_view kPrefix = "obelisk_";

}  // namespace

std::string new_token() {
  base::Hash bytes;
  base::random_bytes(bytes.bytes);
  return std::string(kPrefix) + bytes.to_string();
}

bool looks_like_token(std::string_view text) {
  return text.starts_with(kPrefix) && base::Hash::parse(text.substr(kPrefix.size())).has_value();
}

base::Hash token_hash(std::string_view token) { return base::sha256(base::view_of(token)); }

}  // namespace obelisk::identity
