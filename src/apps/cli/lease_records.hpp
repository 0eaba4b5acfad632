// A lease's receipt, asked of the renter's own node: every transaction of its address, then the
// pure reckoning of receipt.hpp.
#pragma once

#include <optional>
#include <vector>

#include "apps/cli/session.hpp"
#include "base/result.hpp"
#include "core/papers/receipt.hpp"

namespace obelisk::cli {

// Newest first, whole: an error where the node does not give one that it lists.
base::Result<std::vector<ports::TransactionRecord>> lease_records(ports::Chain& chain,
                                                                  const base::PublicKey& lease);

// Pure: the receipt that these records make. `program` nothing: the one whose `open` is among them.
base::Result<papers::Receipt> receipt_from(const base::PublicKey& lease,
                                           const std::vector<ports::TransactionRecord>& records,
                                           const std::optional<base::PublicKey>& program);
// Both of these.
base::Result<papers::Receipt> read_receipt(ports::Chain& chain, const base::PublicKey& lease,
                                           const std::optional<base::PublicKey>& program);
// The same, once the node has `expected` too (a transaction of ours that was confirmed just now).
base::Result<papers::Receipt> read_receipt_with(Session& session, const base::PublicKey& lease,
                                                const base::PublicKey& program,
                                                const base::Signature& expected);

}  // namespace obelisk::cli
