// The upgradeable loader's accounts: where a program's code lies and who may replace it. A u32 says
// which kind, then the fields (Agave, UpgradeableLoaderState). It must never say "final" of bytes
// that it does not know.
#pragma once

#include <optional>

#include "base/bytes.hpp"
#include "base/public_key.hpp"

namespace obelisk::solana {

// Of the account at the program's address: where its data lies.
std::optional<base::PublicKey> program_data_address(base::ByteView account);

struct ProgramOwner {
  bool is_final = false;
  std::optional<base::PublicKey> authority;  // who may replace it; none where it is final

  bool operator==(const ProgramOwner&) const = default;
};

// Of the account at that address.
std::optional<ProgramOwner> program_owner(base::ByteView account);

}  // namespace obelisk::solana
