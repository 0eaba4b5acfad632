#include "apps/market/genesis.hpp"

#include <chrono>
#include <optional>

#include "adapters/http/client.hpp"

namespace obelisk::market_app {
namespace {

using base::Code;
using base::Error;

// The hash that names Solana's mainnet (docs.solana.com, clusters).
constexpr std::string_view kMainnetGenesis = "5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d";
constexpr std::chrono::milliseconds kTimeout{10'000};

base::Result<void> check_node(const std::string& rpc_url, bool mainnet_allowed) {
  TRY(const http::Url url, http::Url::parse(rpc_url));
  http::ClientOptions options;
  options.max_response_bytes = 16 << 10;
  http::Client client(url, options);
  http::Request request;
  request.method = "POST";
  request.path = "";
  request.headers = {{"Content-Type", "application/json"}};
  request.body = R"({"jsonrpc":"2.0","id":1,"method":"getGenesisHash","params":[]})";
  const auto response = client.call(request, kTimeout);
  if (!response || response->status != 200) {
    return Error{Code::unreachable, "The node at " + url.where() + " does not answer.",
                 "Check --rpc, and that the node runs."};
  }
  // Wherever in the answer the hash stands, it is the mainnet's and no other cluster's.
  const bool is_mainnet = response->body.find(kMainnetGenesis) != std::string::npos;
  if (!is_mainnet || mainnet_allowed) return {};
  return Error{Code::refused, "The node at " + url.where() + " is on Solana's mainnet.",
               "Give --mainnet if you mean it: SOL is money there."};
}

}  // namespace

base::Result<void> check_cluster(const std::vector<std::string>& rpc_urls, bool mainnet_allowed) {
  std::optional<Error> silent;
  bool answered = false;
  for (const std::string& rpc_url : rpc_urls) {
    const auto checked = check_node(rpc_url, mainnet_allowed);
    if (!checked && checked.error().code != Code::unreachable) return checked.error();
    if (checked) answered = true;
    if (!checked && !silent) silent = checked.error();
  }
  if (answered || !silent) return {};
  return *silent;
}

}  // namespace obelisk::market_app
