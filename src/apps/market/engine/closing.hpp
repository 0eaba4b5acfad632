// Reads what the chain kept of a lease that is closed: every instruction on it, in order, from the
// logs of its transactions. It must never take a line that another program logged for ours.
#pragma once

#include <functional>

#include "core/index/log_reader.hpp"
#include "core/lease/close.hpp"
#include "ports/chain.hpp"

namespace obelisk::engine {

using index::events_in;

// What one transaction did to the lease; empty where it failed.
std::vector<lease::ChainStep> steps_in(const ports::TransactionRecord& record,
                                       const base::PublicKey& program,
                                       const base::PublicKey& lease);

struct History {
  std::vector<lease::ChainStep> steps;
  // False where the address has more transactions than are read: asking again finds no more.
  bool whole = true;
  // A transaction is listed that the node cannot show (yet): no sum over them can be trusted.
  bool missing = false;
};

// The steps of the opening at `opened_slot`, oldest first, and no others: an address can be opened
// again after a close. Ends early, as not whole, where `stop` says so.
base::Result<History> read_history(ports::Chain& chain, const base::PublicKey& program,
                                   const base::PublicKey& lease, std::uint64_t opened_slot,
                                   const std::function<bool()>& stop);

}  // namespace obelisk::engine
