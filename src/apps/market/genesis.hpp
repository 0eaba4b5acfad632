// Which cluster a node belongs to. It must never let a program that was not told --mainnet spend on
// the mainnet: a copied URL is an easy mistake.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"

namespace obelisk::market_app {

// Asks each node for its genesis hash. refused if one is the mainnet's and that is not allowed;
// unreachable if none answers. One that is down now is no reason not to start: should it be of
// another cluster, its slots are nowhere near the others', and the pool does not hear it.
base::Result<void> check_cluster(const std::vector<std::string>& rpc_urls, bool mainnet_allowed);

}  // namespace obelisk::market_app
