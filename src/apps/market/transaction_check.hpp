// What a signed transaction that somebody hands us would do, read before a node sees it. Only calls
// of our program go through this market, with what they need beside them; it is no open relay. It
// must never change a byte of what was signed.
#pragma once

#include <optional>
#include <vector>

#include "base/result.hpp"
#include "core/solana/transaction.hpp"

namespace obelisk::market_app {

struct OpenCall {
  base::Hash terms_hash;
  base::PublicKey renter;
  base::PublicKey lease;
  solana::Instruction instruction;
};

struct JudgedTransaction {
  std::optional<OpenCall> open;
  // Leases that a stop or cancel signed by their renter ends, with that renter.
  struct Ending {
    base::PublicKey lease;
    base::PublicKey renter;
  };
  std::vector<Ending> endings;
};

// Refuses what is not wholly signed, names keys that only the cluster could read, calls a program
// that has no business here, or holds no call of ours on a lease.
base::Result<JudgedTransaction> judge_transaction(const solana::Transaction& transaction,
                                                  const base::PublicKey& program);

}  // namespace obelisk::market_app
