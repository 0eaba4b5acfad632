// Our program's calls as Solana transactions, and the addresses of its accounts: where the market,
// the host and the command line meet the chain in the same words. It must never sign, send or
// decide.
#pragma once

#include <cstdint>
#include <vector>

#include "base/public_key.hpp"
#include "base/result.hpp"
#include "core/escrow/codec.hpp"
#include "core/escrow/instructions.hpp"
#include "core/solana/pda.hpp"
#include "core/solana/transaction.hpp"

namespace obelisk::settlement {

// Compute units that a transaction asks for: the ceilings of docs/escrow.md and 300 for the two
// ComputeBudget instructions. `open` asks for its dearer path, since anybody may have sent a
// lamport to the address before.
inline constexpr std::uint32_t kOpenUnits = 4'800 + 300;
inline constexpr std::uint32_t kExtendUnits = 1'900 + 300;
inline constexpr std::uint32_t kReadyUnits = 600 + 300;
inline constexpr std::uint32_t kCancelUnits = 600 + 300;
inline constexpr std::uint32_t kClaimUnits = 1'200 + 300;
inline constexpr std::uint32_t kStopUnits = 800 + 300;
inline constexpr std::uint32_t kFinishUnits = 800 + 300;
inline constexpr std::uint32_t kMarketUnits = 6'000;

solana::Instruction to_instruction(const escrow::Call& call);

solana::ProgramAddress market_address(const base::PublicKey& program,
                                      const base::PublicKey& operator_key);
solana::ProgramAddress lease_address(const base::PublicKey& program, const base::PublicKey& renter,
                                     std::uint64_t nonce);

// An attestation and who signed it: the lease's attestor or its renter.
struct Proof {
  base::PublicKey signer;
  escrow::AttestationFields fields;
  base::Signature signature;
};
bool is_valid(const Proof& proof);

// The Ed25519 instruction and the claim right after it, which belong together.
std::vector<escrow::Call> claim_calls(const base::PublicKey& program,
                                      const escrow::LeaseAccounts& accounts, const Proof& proof);

// A v0 transaction, unsigned: a compute-unit limit, then the calls in their order.
base::Result<solana::Transaction> transaction(const base::PublicKey& payer,
                                              const std::vector<escrow::Call>& calls,
                                              std::uint32_t units, const base::Hash& blockhash);

}  // namespace obelisk::settlement
