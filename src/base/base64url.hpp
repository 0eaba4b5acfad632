// Base64 as it stands in links and queries (RFC 4648, section 5): `-` and `_` instead of `+` and
// `/`, and no padding. Decoding refuses anything that encoding would not write.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace obelisk::base {

std::string to_base64url(ByteView bytes);
std::optional<Bytes> from_base64url(std::string_view text);

}  // namespace obelisk::base
