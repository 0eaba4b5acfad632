#include "core/solana/message.hpp"

#include <algorithm>
#include <map>
#include <string>

#include "base/check.hpp"
#include "core/solana/key_order.hpp"
#include "core/solana/shortvec.hpp"

namespace obelisk::solana {
namespace {

using base::Code;
using base::Error;

struct Role {
  bool signer = false;
  bool writable = false;
  bool program = false;
};

// Ordered by the bytes of the key: an outsider chooses keys, so no hash map.
using Roles = std::map<base::PublicKey, Role>;

Error malformed(std::string what) {
  return Error{Code::invalid_input, std::move(what), "Build the transaction differently."};
}

base::Result<Roles> merge_roles(const base::PublicKey& payer,
                                const std::vector<Instruction>& instructions) {
  Roles roles;
  roles[payer] = {.signer = true, .writable = true};
  for (const Instruction& instruction : instructions) {
    roles[instruction.program].program = true;
    for (const AccountMeta& account : instruction.accounts) {
      if (account.unresolved) return malformed("An account of a lookup table cannot be compiled.");
      Role& role = roles[account.key];
      role.signer |= account.signer;
      role.writable |= account.writable;
    }
  }
  for (const auto& [key, role] : roles) {
    if (role.program && role.writable) {
      return malformed("The program " + key.to_string() + " cannot pay or be written to.");
    }
  }
  return roles;
}

struct Entry {
  base::PublicKey key;
  std::string text;
  Role role;
  int rank() const { return (role.signer ? 0 : 2) + (role.writable ? 0 : 1); }
};

std::vector<Entry> ordered(const base::PublicKey& payer, const Roles& roles) {
  std::vector<Entry> entries;
  for (const auto& [key, role] : roles) entries.push_back({key, key.to_string(), role});
  std::sort(entries.begin(), entries.end(), [&](const Entry& a, const Entry& b) {
    if ((a.key == payer) != (b.key == payer)) return a.key == payer;
    if (a.rank() != b.rank()) return a.rank() < b.rank();
    return base58_before(a.text, b.text);
  });
  return entries;
}

void put_header_and_keys(base::Writer& out, const Message& message) {
  out.u8(message.signers);
  out.u8(message.readonly_signers);
  out.u8(message.readonly_others);
  put_shortvec(out, static_cast<std::uint16_t>(message.keys.size()));
  for (const base::PublicKey& key : message.keys) out.put(key.view());
  out.put(message.blockhash.view());
}

void put_indexes(base::Writer& out, const std::vector<std::uint8_t>& indexes) {
  put_shortvec(out, static_cast<std::uint16_t>(indexes.size()));
  out.put(indexes);
}

base::Bytes serialize_v1(const Message& message) {
  base::Writer out;
  out.u8(0x81);
  out.u8(message.signers);
  out.u8(message.readonly_signers);
  out.u8(message.readonly_others);
  out.u32(message.config.mask);
  out.put(message.blockhash.view());
  out.u8(static_cast<std::uint8_t>(message.instructions.size()));
  out.u8(static_cast<std::uint8_t>(message.keys.size()));
  for (const base::PublicKey& key : message.keys) out.put(key.view());
  if ((message.config.mask & 0x03) != 0) out.u64(message.config.priority_fee_lamports);
  if ((message.config.mask & 0x04) != 0) out.u32(message.config.unit_limit);
  if ((message.config.mask & 0x08) != 0) out.u32(message.config.loaded_accounts_bytes);
  if ((message.config.mask & 0x10) != 0) out.u32(message.config.heap_bytes);
  for (const CompiledInstruction& instruction : message.instructions) {
    out.u8(instruction.program);
    out.u8(static_cast<std::uint8_t>(instruction.accounts.size()));
    out.u16(static_cast<std::uint16_t>(instruction.data.size()));
  }
  for (const CompiledInstruction& instruction : message.instructions) {
    out.put(instruction.accounts);
    out.put(instruction.data);
  }
  return std::move(out).take();
}

}  // namespace

bool Message::is_writable(std::size_t index) const {
  if (index < signers) return index < static_cast<std::size_t>(signers - readonly_signers);
  if (index < keys.size()) return index < keys.size() - readonly_others;
  std::size_t writable_lookups = 0;
  for (const TableLookup& lookup : lookups) writable_lookups += lookup.writable.size();
  return index < keys.size() + writable_lookups;
}

base::Result<Message> compile_message(const base::PublicKey& payer,
                                      const std::vector<Instruction>& instructions,
                                      const base::Hash& blockhash, MessageVersion version) {
  if (version == MessageVersion::v1) {
    return Error{Code::unsupported, "Messages of version 1 are read here, not written.",
                 "Use a legacy or v0 message."};
  }
  if (instructions.size() > kMaxInstructions) {
    return malformed(std::to_string(instructions.size()) + " instructions; a transaction holds " +
                     std::to_string(kMaxInstructions) + ".");
  }
  TRY(const Roles roles, merge_roles(payer, instructions));
  if (roles.size() > kMaxAccounts) {
    return malformed(std::to_string(roles.size()) + " accounts; a transaction holds " +
                     std::to_string(kMaxAccounts) + ".");
  }
  Message out;
  out.version = version;
  out.blockhash = blockhash;
  std::map<base::PublicKey, std::uint8_t> index;
  for (const Entry& entry : ordered(payer, roles)) {
    index[entry.key] = static_cast<std::uint8_t>(out.keys.size());
    out.keys.push_back(entry.key);
    if (entry.role.signer) ++out.signers;
    if (entry.role.signer && !entry.role.writable) ++out.readonly_signers;
    if (!entry.role.signer && !entry.role.writable) ++out.readonly_others;
  }
  std::size_t body = 0;
  for (const Instruction& instruction : instructions) {
    CompiledInstruction compiled{index.at(instruction.program), {}, instruction.data};
    for (const AccountMeta& account : instruction.accounts) {
      compiled.accounts.push_back(index.at(account.key));
    }
    // Lengths are checked before they are written: a count above 65,535 has no shortvec.
    body += compiled.accounts.size() + compiled.data.size();
    if (body > kMaxTransactionBytes) break;
    out.instructions.push_back(std::move(compiled));
  }
  if (body <= kMaxTransactionBytes) body = 1 + 64u * out.signers + serialize(out).size();
  if (body > kMaxTransactionBytes) {
    return malformed("More than " + std::to_string(kMaxTransactionBytes) +
                     " bytes do not fit a transaction.");
  }
  return out;
}

base::Bytes serialize(const Message& message) {
  if (message.version == MessageVersion::v1) return serialize_v1(message);
  base::Writer out;
  if (message.version == MessageVersion::v0) out.u8(0x80);
  put_header_and_keys(out, message);
  put_shortvec(out, static_cast<std::uint16_t>(message.instructions.size()));
  for (const CompiledInstruction& instruction : message.instructions) {
    out.u8(instruction.program);
    put_indexes(out, instruction.accounts);
    put_indexes(out, instruction.data);
  }
  if (message.version == MessageVersion::v0) {
    put_shortvec(out, static_cast<std::uint16_t>(message.lookups.size()));
    for (const TableLookup& lookup : message.lookups) {
      out.put(lookup.table.view());
      put_indexes(out, lookup.writable);
      put_indexes(out, lookup.readonly);
    }
  }
  return std::move(out).take();
}

std::vector<Instruction> instructions_of(const Message& message,
                                         const std::vector<base::PublicKey>& loaded) {
  std::vector<base::PublicKey> keys = message.keys;
  keys.insert(keys.end(), loaded.begin(), loaded.end());
  std::vector<Instruction> out;
  for (const CompiledInstruction& compiled : message.instructions) {
    Instruction instruction{message.keys.at(compiled.program), {}, compiled.data};
    for (const std::uint8_t index : compiled.accounts) {
      const bool known = index < keys.size();
      instruction.accounts.push_back({known ? keys[index] : base::PublicKey{},
                                      message.is_signer(index), message.is_writable(index),
                                      !known});
    }
    out.push_back(std::move(instruction));
  }
  return out;
}

}  // namespace obelisk::solana
