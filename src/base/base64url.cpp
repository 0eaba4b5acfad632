#include "base/base64url.hpp"

#include <algorithm>

namespace obelisk::base {

std::string to_base64url(ByteView bytes) {
  std::string out = to_base64(bytes);
  std::erase(out, '=');
  std::ranges::replace(out, '+', '-');
  std::ranges::replace(out, '/', '_');
  return out;
}

std::optional<Bytes> from_base64url(std::string_view text) {
  if (text.find_first_of("+/=") != std::string_view::npos) return std::nullopt;
  std::string usual(text);
  std::ranges::replace(usual, '-', '+');
  std::ranges::replace(usual, '_', '/');
  while (usual.size() % 4 != 0) usual += '=';
  return from_base64(usual);
}

}  // namespace obelisk::base
