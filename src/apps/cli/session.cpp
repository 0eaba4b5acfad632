#include "apps/cli/session.hpp"

#include <algorithm>

#include "adapters/solana/node_questions.hpp"
#include "adapters/solana/open_chain.hpp"
#include "adapters/solana/rpc_chain.hpp"
#include "apps/cli/session_file.hpp"

namespace obelisk::cli {

using base::Code;
using base::Error;
using solana_rpc::kMainnetGenesis;
using solana_rpc::names_mainnet;
using solana_rpc::NodeQuestions;

base::Result<const Session::Nodes*> Session::nodes() {
  if (!nodes_) {
    std::vector<NodeReport> reports = solana_rpc::ask_nodes(settings_.rpc_urls);
    TRY(NodesFound found, compare_nodes(reports));
    nodes_.emplace(std::move(reports), std::move(found));
  }
  return &*nodes_;
}

// The nodes that say they are of the network; where that is one alone, all that do not say they are
// of another: it is read through them, and nothing is signed.
base::Result<void> Session::open_pool() {
  TRY(const Nodes* met, nodes());
  const bool enough = enough_to_sign(met->found, met->reports).ok();
  std::string urls;
  std::string sockets;
  std::vector<std::uint64_t> slots;
  for (std::size_t i = 0; i < settings_.rpc_urls.size(); ++i) {
    if (enough && met->found.states[i] == NodeState::silent) continue;
    const char* comma = urls.empty() ? "" : ",";
    urls += comma + settings_.rpc_urls[i];
    if (!settings_.ws_urls.empty()) sockets += comma + settings_.ws_urls[i];
    slots.push_back(met->found.slots[i]);
  }
  TRY(chain_, solana_rpc::open_chain(urls, sockets, clock_, {.confirmed_slots = slots}));
  return {};
}

base::Result<ports::Chain*> Session::chain() {
  if (chain_) return chain_.get();
  if (settings_.rpc_urls.size() > 1) {
    TRY_VOID(open_pool());
  } else {
    solana_rpc::RpcOptions options;
    options.rpc_url = settings_.rpc_urls.front();
    if (!settings_.ws_urls.empty()) options.websocket_url = settings_.ws_urls.front();
    TRY(chain_, solana_rpc::RpcChain::create(options, clock_));
  }
  return chain_.get();
}

base::Result<MarketClient*> Session::market() {
  if (!market_) {
    TRY(market_, MarketClient::create(settings_.market_url));
    market_->speak_with([this] { return find_voice(); });
  }
  return market_.get();
}

base::Result<std::shared_ptr<Voice>> Session::find_voice() {
  const auto signer = wallet();
  if (signer) return std::make_shared<Voice>(**signer, clock_, market_->url().host_header());
  const auto kept = kept_session(settings_.state_dir, market_->url());
  if (kept && *kept) return std::make_shared<Voice>((*kept)->token);
  return signer.error();
}

base::Result<ports::Signer*> Session::wallet() {
  if (!wallet_) {
    auto opened = keyfile::KeyfileSigner::open(settings_.keypair_file);
    if (!opened) {
      Error error = opened.error();
      if (error.code == Code::not_found) error.action = "Make one: obelisk wallet new";
      return error;
    }
    wallet_ = std::move(opened).value();
  }
  return wallet_.get();
}

base::Result<base::Hash> Session::network() {
  if (!network_) {
    if (settings_.rpc_urls.size() > 1) {
      TRY(const Nodes* met, nodes());
      network_ = met->found.network;
    } else {
      TRY(const auto node, NodeQuestions::open(settings_.rpc_urls.front()));
      TRY(network_, node->genesis_hash());
    }
  }
  return *network_;
}

base::Result<std::uint64_t> Session::first_block() {
  std::optional<std::uint64_t> newest;
  std::optional<Error> silent;
  for (const std::string& url : settings_.rpc_urls) {
    TRY(const auto node, NodeQuestions::open(url));
    const auto first = node->first_available_block();
    if (!first && !silent) silent = first.error();
    if (first) newest = std::max(newest.value_or(0), *first);
  }
  if (newest) return *newest;
  return *silent;
}

base::Result<ports::Signer*> Session::signing_wallet() {
  const Error no{Code::refused, "This is Solana's mainnet: its SOL is real money.",
                 "Give --mainnet to spend it, or --rpc-url for another network."};
  const auto& urls = settings_.rpc_urls;
  if (!settings_.mainnet && std::any_of(urls.begin(), urls.end(), names_mainnet)) return no;
  if (urls.size() > 1) {
    TRY(const Nodes* met, nodes());
    if (!settings_.mainnet && met->found.network.to_string() == kMainnetGenesis) return no;
    TRY_VOID(enough_to_sign(met->found, met->reports));
  } else if (!settings_.mainnet) {
    TRY(const base::Hash genesis, network());
    if (genesis.to_string() == kMainnetGenesis) return no;
  }
  return wallet();
}

}  // namespace obelisk::cli
