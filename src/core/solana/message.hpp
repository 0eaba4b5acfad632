// Message: the part of a Solana transaction that is signed, in its legacy, v0 and v1 forms.
// Compiled from instructions to the same bytes as @solana/kit writes; read back strictly, so that
// every accepted byte string has exactly one meaning. It must never guess the keys of a lookup
// table.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.hpp"
#include "base/public_key.hpp"
#include "base/result.hpp"

namespace obelisk::solana {

inline constexpr std::size_t kMaxTransactionBytes = 1232;    // legacy and v0: one packet
inline constexpr std::size_t kMaxTransactionBytesV1 = 4096;  // v1 (SIMD-0385)
inline constexpr std::size_t kMaxAccounts = 64;
inline constexpr std::size_t kMaxInstructions = 64;

enum class MessageVersion { legacy, v0, v1 };

struct AccountMeta {
  base::PublicKey key;
  bool signer = false;
  bool writable = false;
  // The key stands in a lookup table that only the cluster can read; `key` is zeros and means
  // nothing. Whoever judges a transaction must refuse one that has any.
  bool unresolved = false;
  bool operator==(const AccountMeta&) const = default;
};

struct Instruction {
  base::PublicKey program;
  std::vector<AccountMeta> accounts;
  base::Bytes data;
  bool operator==(const Instruction&) const = default;
};

// An instruction as the wire has it: indexes into the message's keys, then into its lookups.
struct CompiledInstruction {
  std::uint8_t program = 0;
  std::vector<std::uint8_t> accounts;
  base::Bytes data;
  bool operator==(const CompiledInstruction&) const = default;
};

struct TableLookup {
  base::PublicKey table;
  std::vector<std::uint8_t> writable;
  std::vector<std::uint8_t> readonly;
  bool operator==(const TableLookup&) const = default;
};

// The limits that v1 carries in the message itself; all zero in the older forms.
struct MessageConfig {
  std::uint32_t mask = 0;
  std::uint64_t priority_fee_lamports = 0;
  std::uint32_t unit_limit = 0;
  std::uint32_t loaded_accounts_bytes = 0;
  std::uint32_t heap_bytes = 0;
  bool operator==(const MessageConfig&) const = default;
};

struct Message {
  MessageVersion version = MessageVersion::legacy;
  std::uint8_t signers = 0;           // the first keys sign; the very first pays the fee
  std::uint8_t readonly_signers = 0;  // the last of them are read-only
  std::uint8_t readonly_others = 0;   // and so are the last of the keys that do not sign
  std::vector<base::PublicKey> keys;
  base::Hash blockhash;
  std::vector<CompiledInstruction> instructions;
  std::vector<TableLookup> lookups;  // v0 only
  MessageConfig config;              // v1 only

  const base::PublicKey& payer() const { return keys.front(); }
  // By index into keys and then the lookups: all their writable ones first.
  bool is_signer(std::size_t index) const { return index < signers; }
  bool is_writable(std::size_t index) const;
  bool operator==(const Message&) const = default;
};

// Orders and merges the accounts as @solana/kit does: payer, writable signers, read-only signers,
// writable, read-only; inside a class by kit's collation of base58. Refuses what would not fit or
// could not run: a program that pays or is writable, too many accounts, too many bytes.
// v1 is not written (Code::unsupported).
base::Result<Message> compile_message(const base::PublicKey& payer,
                                      const std::vector<Instruction>& instructions,
                                      const base::Hash& blockhash, MessageVersion version);

// The bytes that are signed.
base::Bytes serialize(const Message& message);

// The message of exactly these bytes. Refuses anything a node would refuse for its shape: counts
// and indexes out of range, longer forms of a number, bytes left over, a key twice.
base::Result<Message> decode_message(base::ByteView bytes);

// The instructions with their accounts' keys and rights; see AccountMeta::unresolved. `loaded`:
// what the lookup tables held, all writable ones first, where somebody who read them says so.
std::vector<Instruction> instructions_of(const Message& message,
                                         const std::vector<base::PublicKey>& loaded = {});

}  // namespace obelisk::solana
