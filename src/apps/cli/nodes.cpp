#include "apps/cli/nodes.hpp"

#include <algorithm>

#include "core/solana/node_choice.hpp"

namespace obelisk::cli {
namespace {

using base::Code;
using base::Error;
using solana_rpc::kMainnetGenesis;

constexpr std::size_t kAgree = 2;

Error different_networks(const NodeReport& a, const NodeReport& b) {
  const auto named = [](const NodeReport& one) {
    const std::string hash = one.genesis->to_string();
    return one.where + (hash == kMainnetGenesis ? " is of Solana's mainnet"
                                                : " is of the network " + hash.substr(0, 8));
  };
  return {Code::usage, "The nodes are of different networks: " + named(a) + ", " + named(b) + ".",
          "Nothing was signed. Name nodes of one network: --rpc-url or OBELISK_RPC_URL."};
}

const char* in_words(NodeState state) {
  switch (state) {
    case NodeState::fit: return "answers";
    case NodeState::behind: return "has another slot than the rest";
    case NodeState::silent: return "does not say which network it is of";
  }
  return "";
}

}  // namespace

std::size_t NodesFound::fit() const {
  return static_cast<std::size_t>(std::count(states.begin(), states.end(), NodeState::fit));
}

base::Result<NodesFound> compare_nodes(const std::vector<NodeReport>& reports) {
  NodesFound out;
  const NodeReport* first = nullptr;
  for (const NodeReport& one : reports) {
    if (!one.genesis) continue;
    if (first != nullptr && *one.genesis != *first->genesis) return different_networks(*first, one);
    if (first == nullptr) first = &one;
  }
  if (first == nullptr) return reports.front().genesis.error();
  out.network = *first->genesis;
  // By the pool's own rule. The second time each is measured by what all have named.
  solana::NodeChoice choice(reports.size(), {});
  for (int round = 0; round < 2; ++round) {
    out.states.clear();
    out.slots.clear();
    for (std::size_t i = 0; i < reports.size(); ++i) {
      const NodeReport& one = reports[i];
      const bool speaks = one.genesis && one.confirmed_slot;
      out.states.push_back(one.genesis ? NodeState::behind : NodeState::silent);
      out.slots.push_back(speaks ? *one.confirmed_slot : 0);
      if (!speaks) continue;
      const auto freshness = choice.judge(i, solana::Depth::confirmed, *one.confirmed_slot, 0, 0);
      if (freshness == solana::Freshness::fresh) out.states.back() = NodeState::fit;
    }
  }
  return out;
}

base::Result<void> enough_to_sign(const NodesFound& found, const std::vector<NodeReport>& reports) {
  if (found.fit() >= kAgree) return {};
  std::string what = "Of " + std::to_string(reports.size()) + " nodes, " +
                     std::to_string(found.fit()) + " can be relied on; it takes two.";
  for (std::size_t i = 0; i < reports.size(); ++i) {
    what += " " + reports[i].where + " " + in_words(found.states[i]) + ".";
  }
  return Error{Code::unreachable, what,
               "Nothing was signed. Try again, name a third node, or take the word of one: "
               "--rpc-url"};
}

}  // namespace obelisk::cli
