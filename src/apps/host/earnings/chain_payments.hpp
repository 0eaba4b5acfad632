// What the chain has of payments to a wallet: its own history, transaction by transaction, taken
// apart by the program's events. No market is asked. It must never make up an amount: a transaction
// whose log is cut or missing is counted as unclear.
#pragma once

#include <cstddef>
#include <vector>

#include "core/host/earnings.hpp"
#include "ports/chain.hpp"

namespace obelisk::host {

// Each costs a node one answer; beyond it the older ones are left out, and `is_cut` says so.
inline constexpr std::size_t kMostTransactions = 20'000;

struct ChainPayments {
  std::vector<Payment> payments;
  base::Lamports network_fees;  // that this wallet paid for transactions of the program
  std::size_t unclear = 0;
  bool is_cut = false;
};

// Of the wallet's history back to `from_s`. Confirmed transactions: a fork may still undo the
// newest ones.
base::Result<ChainPayments> read_payments(ports::Chain& chain, const base::PublicKey& program,
                                          const base::PublicKey& wallet, base::UnixSeconds from_s);

// Of one transaction alone.
ChainPayments payments_in(const ports::TransactionRecord& record, const base::PublicKey& program,
                          const base::PublicKey& wallet);

}  // namespace obelisk::host
