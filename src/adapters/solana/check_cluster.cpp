#include "adapters/solana/check_cluster.hpp"

#include <algorithm>

namespace obelisk::solana_rpc {
namespace {

using base::Code;
using base::Error;

bool is_mainnet(const base::Hash& genesis) { return genesis.to_string() == kMainnetGenesis; }

std::string named(const NodeReport& one) {
  return one.where + (is_mainnet(*one.genesis)
                          ? " is of Solana's mainnet"
                          : " is of the network " + one.genesis->to_string().substr(0, 8));
}

}  // namespace

base::Result<std::vector<std::uint64_t>> judge_cluster(const std::vector<NodeReport>& reports,
                                                       bool mainnet_allowed) {
  const NodeReport* first = nullptr;
  std::vector<std::uint64_t> slots;
  for (const NodeReport& one : reports) {
    const bool speaks = one.genesis && one.confirmed_slot;
    slots.push_back(speaks ? *one.confirmed_slot : 0);
    if (!one.genesis) continue;
    if (is_mainnet(*one.genesis) && !mainnet_allowed) {
      return Error{Code::refused, "The node at " + one.where + " is on Solana's mainnet.",
                   "Give --mainnet if you mean it: SOL is money there."};
    }
    if (first == nullptr) first = &one;
    if (*one.genesis != *first->genesis) {
      return Error{
          Code::usage,
          "The nodes are of different networks: " + named(*first) + ", " + named(one) + ".",
          "Name nodes of one network: --rpc"};
    }
  }
  if (first != nullptr) return slots;
  return Error{Code::unreachable, "The node at " + reports.front().where + " does not answer.",
               "Check --rpc, and that the node runs."};
}

base::Result<std::unique_ptr<ports::Chain>> open_checked_chain(std::string_view rpc_urls,
                                                               std::string_view websocket_urls,
                                                               bool mainnet, ports::Clock& clock,
                                                               NodeWatch* watch) {
  TRY(const auto urls, node_urls(rpc_urls));
  if (!mainnet && std::any_of(urls.begin(), urls.end(), names_mainnet)) {
    return Error{Code::refused, "A node's address says that it is on Solana's mainnet.",
                 "Give --mainnet if you mean it: SOL is money there."};
  }
  OpenOptions options;
  TRY(options.confirmed_slots, judge_cluster(ask_nodes(urls), mainnet));
  if (mainnet) options.most_ahead_s = kMostAheadS;
  options.watch = watch;
  return open_chain(rpc_urls, websocket_urls, clock, options);
}

}  // namespace obelisk::solana_rpc
