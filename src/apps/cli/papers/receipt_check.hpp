// Checking a receipt file: first by itself (terms, signatures, sums), then against what a node
// answers (each transaction and what it moved, the terms hash that `open` carried, that nothing is
// left out). Pure: the caller asks the node. It must never call anything right that it did not
// compare.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "apps/cli/lease_account.hpp"
#include "core/papers/receipt_file.hpp"
#include "ports/chain.hpp"

namespace obelisk::cli {

enum class Verdict {
  right,
  wrong,
  absent,   // the receipt does not have it, so there was nothing to compare
  unknown,  // the node does not have it (any more): ask another one
};

struct Check {
  std::string what;  // "terms", "quote_signature", "transaction", ...
  Verdict verdict = Verdict::right;
  std::string detail;
};

// What a node said, for one receipt.
struct Evidence {
  base::Hash network;
  std::uint64_t first_block = 0;  // the oldest block it still has
  // Of each transaction of the receipt, in its order.
  std::vector<std::optional<ports::TransactionRecord>> records;
  std::vector<base::Signature> listed;  // of the lease's address, newest first
  std::optional<LeaseAccount> account;
  std::optional<ports::Account> market;
};

std::vector<Check> check_alone(const papers::ReceiptFile& file);
std::vector<Check> check_against(const papers::ReceiptFile& file, const Evidence& evidence);

// "right", "wrong", "absent", "unknown".
std::string_view verdict_name(Verdict verdict);

}  // namespace obelisk::cli
