// A host's record on chain: every lease that was opened on it, from a node's history of its address
// and of each lease's, and from nothing else. It must never ask a market, nor call a lease complete
// of which the node does not show all.
#pragma once

#include <functional>
#include <vector>

#include "core/trust/outcome.hpp"
#include "ports/chain.hpp"

namespace obelisk::cli {

struct HostRecord {
  std::vector<trust::Outcome> outcomes;  // of leases that are over, the newest opened first
  std::size_t open = 0;                  // that are not over
  std::size_t unclear = 0;               // that the node does not show whole
  bool is_cut = false;                   // there are older ones than `most`
};

// The newest `most` leases. `progress` hears how many of how many are read.
base::Result<HostRecord> read_host_record(
    ports::Chain& chain, const base::PublicKey& program, const base::PublicKey& host,
    std::size_t most, const std::function<void(std::size_t done, std::size_t of)>& progress);

}  // namespace obelisk::cli
