// shortvec: Solana's compact-u16, 7 bits a byte and the low ones first, 1 to 3 bytes. Only the
// shortest form of a number is read, so that one message has one wire form. It must never read a
// number above 65,535.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.hpp"

namespace obelisk::solana {

void put_shortvec(base::Writer& out, std::uint16_t value);
// The next number, or nothing where it is cut off, too long or too large.
std::optional<std::uint16_t> read_shortvec(base::Reader& in);

}  // namespace obelisk::solana
