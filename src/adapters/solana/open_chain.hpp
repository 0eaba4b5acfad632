// open_chain: the Chain that a setting names: one node, or a pool of several. It must never show a
// URL's path to anybody, since that may hold an API key.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ports/chain.hpp"
#include "ports/clock.hpp"

namespace obelisk::solana_rpc {

inline constexpr std::size_t kMostNodes = 8;

// The parts of "URL,URL,...", each a URL or a word of the Solana CLI; spaces around them are
// dropped. Empty parts, the same node twice and more than kMostNodes are refused.
base::Result<std::vector<std::string>> node_urls(std::string_view setting);

// How the nodes of a pool are.
struct NodeFigures {
  std::size_t told = 0;
  std::size_t at_work = 0;  // neither resting after a failure nor behind
};
using NodeWatch = std::function<NodeFigures()>;

struct OpenOptions {
  // What each node named as such, if they were asked before, 0 where one did not say; so that not
  // even the first answer of a node that is behind, or lies about it, is heard.
  std::vector<std::uint64_t> confirmed_slots = {};
  // See RpcOptions.
  std::optional<base::UnixSeconds> most_ahead_s = {};
  // Set where there are several nodes; it may outlive the chain.
  NodeWatch* watch = nullptr;
};

// The cluster's clock is the middle of what its validators say; money that hangs on it hangs on
// ours too, where it is money.
inline constexpr base::UnixSeconds kMostAheadS = 30;

// One URL: a RpcChain as ever. Several: a NodePool. `websocket_urls` is empty (each by the Solana
// CLI's rule) or names as many. `clock` must outlive it.
base::Result<std::unique_ptr<ports::Chain>> open_chain(std::string_view rpc_urls,
                                                       std::string_view websocket_urls,
                                                       ports::Clock& clock,
                                                       const OpenOptions& options = {});

}  // namespace obelisk::solana_rpc
