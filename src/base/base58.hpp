// Base58 with the Bitcoin alphabet and no checksum: how Solana writes keys, signatures and hashes.
// Inputs are bounded by the caller's `max`: the work grows with the square of the length.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace obelisk::base {

std::string to_base58(ByteView bytes);
// The bytes of `text`, or nothing where a character is foreign or more than `max` bytes would
// result.
std::optional<Bytes> from_base58(std::string_view text, std::size_t max = 128);

}  // namespace obelisk::base
