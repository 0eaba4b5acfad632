// A transaction that landed, with all that a node keeps of it: what receipts are read from. A node
// is free to keep less, so a reader must say what is missing rather than take it for zero.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/lamports.hpp"
#include "base/public_key.hpp"
#include "base/time.hpp"

namespace obelisk::solana {

struct TransactionRecord {
  base::Signature signature;
  std::uint64_t slot = 0;
  std::optional<base::UnixSeconds> block_time;
  base::Bytes wire;  // the signed transaction
  // What its lookup tables held then: all that are writable, then the others.
  std::vector<base::PublicKey> loaded_keys;
  base::Lamports fee;
  std::vector<base::Lamports> pre_balances;  // by account index of the message
  std::vector<base::Lamports> post_balances;
  std::vector<std::string> logs;
  std::uint64_t compute_units = 0;
  std::optional<std::string> error;
};

}  // namespace obelisk::solana
