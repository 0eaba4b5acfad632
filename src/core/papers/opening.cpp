#include "core/papers/opening.hpp"

#include "core/solana/transaction.hpp"

namespace obelisk::papers {

std::optional<Opening> opening_in(const solana::Instruction& instruction,
                                  const base::PublicKey& lease) {
  std::optional<escrow::Open> open = escrow::parse_open(instruction.data);
  if (!open || instruction.accounts.size() != 5 || instruction.accounts[1].key != lease) {
    return std::nullopt;
  }
  open->renter = instruction.accounts[0].key;
  open->lease = lease;
  open->host = instruction.accounts[2].key;
  open->market = instruction.accounts[3].key;
  return Opening{instruction.program, *open};
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
