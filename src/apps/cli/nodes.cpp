#include "apps/cli/nodes.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

#include "adapters/http/url.hpp"
#include "apps/cli/genesis.hpp"
#include "core/solana/node_choice.hpp"

namespace obelisk::cli {
namespace {

using base::Code;
using base::Error;
using std::chrono::milliseconds;

// A node that says nothing for so long is left out, and people wait no longer for the others.
constexpr milliseconds kPatience{3'000};
constexpr std::size_t kAgree = 2;

NodeReport ask_node(const std::string& rpc_url) {
  const Error no_answer{Code::unreachable, "The node does not answer.", "Check --rpc-url."};
  NodeReport out{"a node", no_answer, no_answer};
  if (const auto url = http::Url::parse(rpc_url)) out.where = url->where();
  const auto node = NodeQuestions::open(rpc_url, kPatience);
  if (!node) return out;
  out.genesis = (*node)->genesis_hash();
  // Without the first, the second is worth nothing, and would cost the same patience again.
  if (out.genesis) out.confirmed_slot = (*node)->confirmed_slot();
  return out;
}

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

std::vector<NodeReport> ask_nodes(const std::vector<std::string>& rpc_urls) {
  const NodeReport nothing{"", Error{Code::unreachable, "", ""}, Error{Code::unreachable, "", ""}};
  std::vector<NodeReport> out(rpc_urls.size(), nothing);
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < rpc_urls.size(); ++i) {
    threads.emplace_back([&out, &rpc_urls, i] { out[i] = ask_node(rpc_urls[i]); });
  }
  threads.clear();  // joins them
  return out;
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
