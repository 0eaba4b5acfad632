// What an `open` in a transaction says of its lease: who rents from whom, for how much. It must
// never take an instruction of another lease for it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/public_key.hpp"
#include "core/solana/message.hpp"
#include "core/solana/transaction_record.hpp"

namespace obelisk::papers {

struct Opening {
  base::PublicKey program;
  base::PublicKey renter;
  base::PublicKey host;
  base::PublicKey market;
  std::uint64_t nonce = 0;
  std::uint64_t market_rev = 0;
  std::int64_t expires_at = 0;
  std::uint64_t lamports_per_hour = 0;
  std::uint32_t seconds = 0;
  std::uint32_t max_seconds = 0;
  base::Hash terms_hash;
};

// Nothing unless the instruction has the shape of an `open` of this lease.
std::optional<Opening> opening_in(const solana::Instruction& instruction,
                                  const base::PublicKey& lease);

// The latest in those transactions; nothing if none has one.
std::optional<Opening> latest_opening(const base::PublicKey& lease,
                                      const std::vector<solana::TransactionRecord>& records);

}  // namespace obelisk::papers
