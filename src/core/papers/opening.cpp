#include "core/papers/opening.hpp"

#include "core/escrow/instruction_set.hpp"
#include "core/solana/transaction.hpp"

namespace obelisk::papers {

std::optional<Opening> opening_in(const solana::Instruction& instruction,
                                  const base::PublicKey& lease) {
  if (instruction.data.size() != escrow::kOpenLength || instruction.accounts.size() != 5 ||
      instruction.data[0] != static_cast<std::uint8_t>(escrow::Tag::open) ||
      instruction.accounts[1].key != lease) {
    return std::nullopt;
  }
  Opening out;
  out.program = instruction.program;
  out.renter = instruction.accounts[0].key;
  out.host = instruction.accounts[2].key;
  out.market = instruction.accounts[3].key;
  base::Reader in(instruction.data);
  in.take(2);  // tag, bump
  out.nonce = in.u64();
  out.market_rev = in.u64();
  out.expires_at = in.i64();
  out.lamports_per_hour = in.u64();
  out.seconds = in.u32();
  out.max_seconds = in.u32();
  out.terms_hash.bytes = in.array<32>();
  return out;
}

std::optional<Opening> latest_opening(const base::PublicKey& lease,
                                      const std::vector<solana::TransactionRecord>& records) {
  for (const solana::TransactionRecord& record : records) {
    const auto decoded = solana::decode_transaction(record.wire);
    if (record.error || !decoded) continue;
    for (const auto& instruction : solana::instructions_of(decoded->message())) {
      if (const auto opening = opening_in(instruction, lease)) return opening;
    }
  }
  return std::nullopt;
}

}  // namespace obelisk::papers
