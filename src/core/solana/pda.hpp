// Program addresses: addresses off the curve, so that no key can sign for them, made from seeds and
// a program. They are joined without separators: use seeds of fixed length.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.hpp"
#include "base/public_key.hpp"
#include "base/result.hpp"

namespace obelisk::solana {

inline constexpr std::size_t kMaxSeeds = 16;  // the bump is one of them
inline constexpr std::size_t kMaxSeedBytes = 32;

struct ProgramAddress {
  base::PublicKey address;
  std::uint8_t bump = 0;
  bool operator==(const ProgramAddress&) const = default;
};

// With exactly these seeds; refused where the result is on the curve.
base::Result<base::PublicKey> create_program_address(const std::vector<base::ByteView>& seeds,
                                                     const base::PublicKey& program);
// With the largest bump, from 255 down to 1, that gives an address.
base::Result<ProgramAddress> find_program_address(const std::vector<base::ByteView>& seeds,
                                                  const base::PublicKey& program);

}  // namespace obelisk::solana
