// Which cluster a node belongs to. It must never let a program that was not told --mainnet spend on
// the mainnet: a copied URL is an easy mistake.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace obelisk::market_app {

// Asks the node for its genesis hash. refused if it is the mainnet's and `allowed` is false;
// unreachable if it does not answer.
base::Result<void> check_cluster(const std::string& rpc_url, bool mainnet_allowed);

}  // namespace obelisk::market_app
