// Ledger: what a transaction does to accounts, by the escrow's own native rules and the few rules
// of the runtime that money can notice: fees, signatures, balances that may not fall below the rent
// floor. It must never make or lose a lamport: fees go to an account of their own.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/escrow/errors.hpp"
#include "core/solana/transaction.hpp"
#include "ports/chain.hpp"

namespace obelisk::fake {

using AccountMap = std::map<base::PublicKey, ports::Account>;

// Where network fees end up: nobody's.
base::PublicKey fee_pot();

// The System program's number for a wallet that holds too little.
inline constexpr std::uint32_t kTooPoor = 1;

struct Moment {
  base::UnixSeconds now_s = 0;
  std::uint64_t slot = 0;
};

// What came of a transaction that got into a block.
struct Execution {
  bool fee_paid = false;                // if not, it could not get into a block
  std::optional<std::string> error;     // as ports::SignatureStatus has it
  std::optional<std::uint32_t> custom;  // likewise
  std::vector<std::string> logs;
  base::Lamports fee;
  // Every account that changed, as it is now; one without lamports is gone.
  std::vector<std::pair<base::PublicKey, ports::Account>> after;
};

// Nothing in `accounts` is changed: the caller keeps `after` or throws it away.
Execution execute(const AccountMap& accounts, const base::PublicKey& program, const Moment& moment,
                  const solana::Transaction& transaction);

}  // namespace obelisk::fake
