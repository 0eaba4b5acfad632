// Instructions of Solana's own programs and the sysvar we read: System, ComputeBudget, Ed25519,
// Clock. Each builder gives the exact bytes and accounts; none of them decides whether to send.
#pragma once

#include <optional>

#include "base/lamports.hpp"
#include "base/time.hpp"
#include "core/solana/known_keys.hpp"
#include "core/solana/message.hpp"

namespace obelisk::solana {

// --- System ---
Instruction create_account(const base::PublicKey& from, const base::PublicKey& created,
                           base::Lamports lamports, std::uint64_t space,
                           const base::PublicKey& owner);
Instruction assign(const base::PublicKey& account, const base::PublicKey& owner);
Instruction transfer(const base::PublicKey& from, const base::PublicKey& to,
                     base::Lamports lamports);
Instruction allocate(const base::PublicKey& account, std::uint64_t space);

// --- ComputeBudget ---
Instruction set_unit_limit(std::uint32_t units);
Instruction set_unit_price(std::uint64_t micro_lamports_per_unit);
Instruction set_loaded_accounts_limit(std::uint32_t bytes);

// What a message asks of the cluster and offers for it, from its ComputeBudget instructions.
struct ComputeBudget {
  std::optional<std::uint32_t> unit_limit;
  std::optional<std::uint64_t> unit_price;
  std::optional<std::uint32_t> loaded_accounts_bytes;
  std::optional<std::uint32_t> heap_bytes;
};
// Refuses an instruction that is malformed or there twice: the cluster would too.
base::Result<ComputeBudget> compute_budget_of(const std::vector<Instruction>& instructions);

inline constexpr std::uint64_t kLamportsPerSignature = 5000;
// The most that the cluster can take for a message, beside what its instructions move: 5,000 a
// signature (those of the Ed25519 program count too) and price x limit, rounded up.
base::Result<base::Lamports> network_fee(const Message& message);

// --- Ed25519 ---
inline constexpr std::size_t kAttestationBytes = 88;
// One signature, everything in the instruction itself: key at 16, signature at 48, message at 112
// (PROTOCOL, section 6). With an attestation of 88 bytes that is 200 bytes. `message` <= 1,000.
Instruction ed25519_verify(const base::PublicKey& key, const base::Signature& signature,
                           base::ByteView message);

// --- Clock sysvar ---
struct ClockSysvar {
  std::uint64_t slot = 0;
  base::UnixSeconds epoch_started_at = 0;
  std::uint64_t epoch = 0;
  std::uint64_t leader_schedule_epoch = 0;
  base::UnixSeconds unix_s = 0;
};
base::Result<ClockSysvar> parse_clock(base::ByteView account_data);

}  // namespace obelisk::solana
