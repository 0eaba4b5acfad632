// Attempt: what has to survive a crash of one signed transaction. It is written down before its
// first byte leaves: whoever comes after asks for its fate before another is signed.
#pragma once

#include <cstdint>

#include "base/bytes.hpp"

namespace obelisk::solana {

struct Attempt {
  base::Bytes wire;  // the signed transaction
  std::uint64_t last_valid_block_height = 0;

  bool operator==(const Attempt&) const = default;
};

}  // namespace obelisk::solana
