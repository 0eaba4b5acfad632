#include "adapters/solana/open_chain.hpp"

#include <algorithm>
#include <thread>

#include "adapters/solana/node_pool.hpp"
#include "adapters/solana/rpc_chain.hpp"
#include "core/solana/cluster_url.hpp"

namespace obelisk::solana_rpc {
namespace {

using base::Code;
using base::Error;
using base::Result;

// With others to ask, a node that hangs is left sooner.
constexpr int kPoolCallTimeoutMs = 4'000;

std::string_view trimmed(std::string_view text) {
  const auto is_space = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

Result<std::vector<std::string>> parts_of(std::string_view setting) {
  std::vector<std::string> out;
  for (std::size_t from = 0; from <= setting.size();) {
    const std::size_t comma = std::min(setting.find(',', from), setting.size());
    const std::string_view part = trimmed(setting.substr(from, comma - from));
    if (part.empty()) {
      return Error{Code::usage, "The list of RPC nodes has an empty place.",
                   "Write it like http://a:8899,http://b:8899."};
    }
    out.emplace_back(part);
    from = comma + 1;
  }
  if (out.size() > kMostNodes) {
    return Error{Code::usage, "That are too many RPC nodes.",
                 "Name at most " + std::to_string(kMostNodes) + "."};
  }
  return out;
}

}  // namespace

Result<std::vector<std::string>> node_urls(std::string_view setting) {
  TRY(std::vector<std::string> out, parts_of(setting));
  for (std::string& url : out) url = solana::cluster_url(url);
  for (auto it = out.begin(); it != out.end(); ++it) {
    // One node's word must not count twice.
    if (std::find(out.begin(), it, *it) != it) {
      return Error{Code::usage, "The list of RPC nodes names one twice.", "Name each once."};
    }
  }
  return out;
}

Result<std::unique_ptr<ports::Chain>> open_chain(std::string_view rpc_urls,
                                                 std::string_view websocket_urls,
                                                 ports::Clock& clock, const OpenOptions& open) {
  TRY(const std::vector<std::string> urls, node_urls(rpc_urls));
  std::vector<std::string> sockets(urls.size());
  if (!websocket_urls.empty()) {
    TRY(sockets, parts_of(websocket_urls));
  }
  if (sockets.size() != urls.size()) {
    return Error{Code::usage, "There are not as many WebSocket URLs as RPC URLs.",
                 "Name one for each node in the same order, or none."};
  }
  const auto health = std::make_shared<NodeHealth>(urls.size(), clock);
  // Twice: the second time each is measured by what all have named.
  for (int round = 0; round < 2; ++round) {
    for (std::size_t i = 0; i < std::min(urls.size(), open.confirmed_slots.size()); ++i) {
      if (open.confirmed_slots[i] == 0) continue;
      health->judge(i, ports::Commitment::confirmed, open.confirmed_slots[i], 0);
    }
  }
  NodePool::Nodes nodes;
  for (std::size_t i = 0; i < urls.size(); ++i) {
    RpcOptions options;
    options.rpc_url = urls[i];
    options.websocket_url = sockets[i];
    options.most_ahead_s = open.most_ahead_s;
    if (urls.size() > 1) {
      options.call_timeout_ms = kPoolCallTimeoutMs;
      options.on_limited = [health, i](int ms) { health->told_to_wait(i, ms); };
    }
    TRY(auto node, RpcChain::create(std::move(options), clock));
    nodes.push_back(std::move(node));
  }
  if (nodes.size() == 1) return std::move(nodes.front());
  if (open.watch != nullptr) {
    *open.watch = [health, count = urls.size()] { return NodeFigures{count, health->at_work()}; };
  }
  return std::unique_ptr<ports::Chain>(std::make_unique<NodePool>(
      std::move(nodes), health,
      [](int ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); }));
}

}  // namespace obelisk::solana_rpc
