// Who may still replace a program, as its loader's accounts say. It must never say "final" of what
// could not be read.
#pragma once

#include "core/solana/known_keys.hpp"
#include "core/solana/loader.hpp"
#include "ports/chain.hpp"

namespace obelisk::ports {

// not_found where the accounts are not the upgradeable loader's, or not as it writes them.
inline base::Result<solana::ProgramOwner> read_program_owner(Chain& chain,
                                                             const base::PublicKey& program) {
  const base::Error unknown{base::Code::not_found, "The program's loader account cannot be read.",
                            "Check the node's address."};
  TRY(const AccountAt found, chain.account(program, Commitment::confirmed));
  if (!found.account || found.account->owner != solana::kUpgradeableLoader) return unknown;
  const auto address = solana::program_data_address(found.account->data);
  if (!address) return unknown;
  TRY(const AccountAt data, chain.account(*address, Commitment::confirmed));
  if (!data.account || data.account->owner != solana::kUpgradeableLoader) return unknown;
  const auto owner = solana::program_owner(data.account->data);
  return owner ? base::Result<solana::ProgramOwner>(*owner) : unknown;
}

}  // namespace obelisk::ports
