// Which cluster a node belongs to, by the hash of its genesis: the one thing a copied URL or a
// friendly name cannot hide; and what else is asked of one node and not of the chain. It must never
// guess: no answer is an error.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/http/client.hpp"
#include "base/public_key.hpp"
#include "base/result.hpp"

namespace obelisk::solana_rpc {

// The genesis of Solana's mainnet-beta.
inline constexpr char kMainnetGenesis[] = "5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d";
inline constexpr std::chrono::milliseconds kNodeTimeout{10'000};

// Questions to one node over one connection, each within `timeout`.
class NodeQuestions {
 public:
  static base::Result<std::unique_ptr<NodeQuestions>> open(
      const std::string& rpc_url, std::chrono::milliseconds timeout = kNodeTimeout);

  base::Result<base::Hash> genesis_hash();
  base::Result<std::uint64_t> confirmed_slot();
  // The oldest block that the node still has.
  base::Result<std::uint64_t> first_available_block();

 private:
  NodeQuestions(const http::Url& url, std::chrono::milliseconds timeout);
  base::Result<std::string> ask(const std::string& method, const std::string& params = "[]");

  http::Client client_;
  const std::chrono::milliseconds timeout_;
};

// The hash in the answer to getGenesisHash.
base::Result<base::Hash> parse_genesis_answer(std::string_view text);
// The number in the answer to getFirstAvailableBlock or getSlot.
base::Result<std::uint64_t> parse_number_answer(std::string_view text);
// What one node said of itself; an error where it did not.
struct NodeReport {
  std::string where;  // never the whole URL, which may hold a key
  base::Result<base::Hash> genesis;
  base::Result<std::uint64_t> confirmed_slot;
};
// All at once, a few seconds at most.
std::vector<NodeReport> ask_nodes(const std::vector<std::string>& rpc_urls);

// Whether an address says so itself: no such node is asked before --mainnet is given.
bool names_mainnet(std::string_view rpc_url);

}  // namespace obelisk::solana_rpc
