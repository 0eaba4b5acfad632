// decode_message of message.hpp: its own file, since all of it faces strangers.
#include <algorithm>
#include <string>

#include "core/solana/message.hpp"
#include "core/solana/shortvec.hpp"

namespace obelisk::solana {
namespace {

using base::Code;
using base::Error;

Error malformed(std::string_view what) {
  return Error{Code::invalid_input, "This is not a Solana transaction: " + std::string(what) + ".",
               "Ask for the transaction again."};
}

bool read_header(base::Reader& in, Message& out) {
  out.signers = in.u8();
  out.readonly_signers = in.u8();
  out.readonly_others = in.u8();
  return in.ok();
}

bool read_keys(base::Reader& in, std::size_t count, Message& out) {
  if (count * 32 > in.left()) return false;
  for (std::size_t i = 0; i < count; ++i) out.keys.push_back({in.array<32>()});
  return in.ok();
}

std::optional<std::vector<std::uint8_t>> read_bytes(base::Reader& in) {
  const auto count = read_shortvec(in);
  if (!count) return std::nullopt;
  const base::ByteView bytes = in.take(*count);
  if (!in.ok()) return std::nullopt;
  return std::vector<std::uint8_t>(bytes.begin(), bytes.end());
}

bool read_instructions(base::Reader& in, Message& out) {
  const auto count = read_shortvec(in);
  // Each takes three bytes at least.
  if (!count || std::size_t{*count} * 3 > in.left()) return false;
  for (std::size_t i = 0; i < *count; ++i) {
    CompiledInstruction instruction;
    instruction.program = in.u8();
    auto accounts = read_bytes(in);
    auto data = read_bytes(in);
    if (!accounts || !data) return false;
    instruction.accounts = *std::move(accounts);
    instruction.data = *std::move(data);
    out.instructions.push_back(std::move(instruction));
  }
  return in.ok();
}

bool read_lookups(base::Reader& in, Message& out) {
  const auto count = read_shortvec(in);
  if (!count || std::size_t{*count} * 34 > in.left()) return false;
  for (std::size_t i = 0; i < *count; ++i) {
    TableLookup lookup;
    lookup.table.bytes = in.array<32>();
    auto writable = read_bytes(in);
    auto readonly = read_bytes(in);
    if (!writable || !readonly || writable->size() + readonly->size() == 0) return false;
    lookup.writable = *std::move(writable);
    lookup.readonly = *std::move(readonly);
    out.lookups.push_back(std::move(lookup));
  }
  return in.ok();
}

bool read_config(base::Reader& in, MessageConfig& config) {
  // The two bits of the fee go together; a bit we do not know would shift all that follows.
  const std::uint32_t fee_bits = config.mask & 0x03;
  if ((config.mask & ~0x1fu) != 0 || (fee_bits != 0 && fee_bits != 0x03)) return false;
  if (fee_bits != 0) config.priority_fee_lamports = in.u64();
  if ((config.mask & 0x04) != 0) config.unit_limit = in.u32();
  if ((config.mask & 0x08) != 0) config.loaded_accounts_bytes = in.u32();
  if ((config.mask & 0x10) != 0) config.heap_bytes = in.u32();
  return in.ok();
}

bool read_v1(base::Reader& in, Message& out) {
  if (!read_header(in, out)) return false;
  out.config.mask = in.u32();
  out.blockhash.bytes = in.array<32>();
  const std::size_t instructions = in.u8();
  const std::size_t keys = in.u8();
  if (!in.ok() || instructions > kMaxInstructions || keys > kMaxAccounts || out.signers > 12 ||
      !read_keys(in, keys, out) || !read_config(in, out.config)) {
    return false;
  }
  std::vector<std::pair<std::size_t, std::size_t>> sizes;
  for (std::size_t i = 0; i < instructions; ++i) {
    CompiledInstruction instruction;
    instruction.program = in.u8();
    const std::size_t accounts = in.u8();
    sizes.emplace_back(accounts, in.u16());
    out.instructions.push_back(std::move(instruction));
  }
  for (std::size_t i = 0; i < instructions; ++i) {
    const base::ByteView accounts = in.take(sizes[i].first);
    const base::ByteView data = in.take(sizes[i].second);
    out.instructions[i].accounts.assign(accounts.begin(), accounts.end());
    out.instructions[i].data.assign(data.begin(), data.end());
  }
  return in.ok();
}

bool read_body(base::Reader& in, Message& out) {
  if (!read_header(in, out)) return false;
  const auto keys = read_shortvec(in);
  if (!keys || !read_keys(in, *keys, out)) return false;
  out.blockhash.bytes = in.array<32>();
  if (!in.ok() || !read_instructions(in, out)) return false;
  return out.version == MessageVersion::legacy || read_lookups(in, out);
}

// What the runtime asks before it looks at any account; empty if all is well.
std::string_view find_flaw(const Message& message) {
  if (message.signers == 0 || message.readonly_signers >= message.signers) {
    return "nobody can pay its fee";
  }
  if (std::size_t{message.signers} + message.readonly_others > message.keys.size()) {
    return "its header counts more accounts than it has";
  }
  std::size_t accounts = message.keys.size();
  for (const TableLookup& lookup : message.lookups) {
    accounts += lookup.writable.size() + lookup.readonly.size();
  }
  if (accounts > 256) return "it names more than 256 accounts";
  std::vector<base::PublicKey> sorted = message.keys;
  std::sort(sorted.begin(), sorted.end());
  if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end()) {
    return "it names an account twice";
  }
  for (const CompiledInstruction& instruction : message.instructions) {
    // Programs stand among the message's own keys, and the payer is none.
    if (instruction.program == 0 || instruction.program >= message.keys.size()) {
      return "an instruction names no program";
    }
    for (const std::uint8_t index : instruction.accounts) {
      if (index >= accounts) return "an instruction names an account that is not there";
    }
  }
  return {};
}

}  // namespace

base::Result<Message> decode_message(base::ByteView bytes) {
  if (bytes.empty()) return malformed("it is empty");
  Message out;
  base::Reader in(bytes);
  if ((bytes[0] & 0x80) != 0) {
    const unsigned version = in.u8() & 0x7f;
    if (version > 1) {
      return Error{Code::unsupported,
                   "This message has version " + std::to_string(version) + "; 0 and 1 are known.",
                   "Use a newer version of this program."};
    }
    out.version = version == 0 ? MessageVersion::v0 : MessageVersion::v1;
  }
  const bool v1 = out.version == MessageVersion::v1;
  if (bytes.size() > (v1 ? kMaxTransactionBytesV1 : kMaxTransactionBytes)) {
    return malformed("it has " + std::to_string(bytes.size()) + " bytes");
  }
  if (!(v1 ? read_v1(in, out) : read_body(in, out))) return malformed("it breaks off or is padded");
  if (!in.at_end()) return malformed("bytes follow its end");
  if (const std::string_view flaw = find_flaw(out); !flaw.empty()) return malformed(flaw);
  return out;
}

}  // namespace obelisk::solana
