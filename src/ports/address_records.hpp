// Everything that happened at an address, as a node tells it. It must never give a part for the
// whole: a receipt with a transaction missing is another receipt.
#pragma once

#include <vector>

#include "ports/chain.hpp"

namespace obelisk::ports {

// In their order; timeout where the node does not give one that it listed.
inline base::Result<std::vector<TransactionRecord>> records_of(
    Chain& chain, const std::vector<base::Signature>& signatures) {
  std::vector<TransactionRecord> out;
  for (const base::Signature& signature : signatures) {
    TRY(auto record, chain.transaction(signature));
    if (!record) {
      return base::Error{
          base::Code::timeout,
          "The node lists a transaction that it does not give: " + signature.to_string(),
          "Ask again; the node may be behind."};
    }
    out.push_back(std::move(*record));
  }
  return out;
}

}  // namespace obelisk::ports
