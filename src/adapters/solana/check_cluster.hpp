// Which cluster a server's nodes belong to, asked before anything else. It must never let a program
// that was not told --mainnet spend on the mainnet: a copied URL is an easy mistake; nor let nodes
// of two networks pass for one.
#pragma once

#include "adapters/solana/node_questions.hpp"
#include "adapters/solana/open_chain.hpp"

namespace obelisk::solana_rpc {

// What the nodes' own words come to, in the order asked: the confirmed slot of each, 0 where one
// did not say. usage: two networks. refused: the mainnet, and that is not allowed. unreachable:
// none answers. One that is down now is no reason not to start: should it be of another cluster,
// its slots are nowhere near the others', and the pool does not hear it.
base::Result<std::vector<std::uint64_t>> judge_cluster(const std::vector<NodeReport>& reports,
                                                       bool mainnet_allowed);

// Asks them, and opens the chain of those that a setting names. Where SOL is money, the chain's
// clock is held to ours. `watch` as in OpenOptions.
base::Result<std::unique_ptr<ports::Chain>> open_checked_chain(std::string_view rpc_urls,
                                                               std::string_view websocket_urls,
                                                               bool mainnet, ports::Clock& clock,
                                                               NodeWatch* watch = nullptr);

}  // namespace obelisk::solana_rpc
