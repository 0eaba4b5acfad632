// What an `open` in a transaction says of its lease: who rents from whom, for how much. It must
// never take an instruction of another lease for it.
#pragma once

#include <optional>
#include <vector>

#include "base/public_key.hpp"
#include "core/escrow/instructions.hpp"
#include "core/solana/message.hpp"
#include "core/solana/transaction_record.hpp"

namespace obelisk::papers {

struct Opening {
  base::PublicKey program;
  escrow::Open open;
};

// Nothing unless the instruction has the shape of an `open` of this lease.
std::optional<Opening> opening_in(const solana::Instruction& instruction,
                                  const base::PublicKey& lease);

// The latest in those transactions; nothing if none has one.
std::optional<Opening> latest_opening(const base::PublicKey& lease,
                                      const std::vector<solana::TransactionRecord>& records);

}  // namespace obelisk::papers
