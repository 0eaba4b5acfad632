#include "apps/cli/session.hpp"

#include "adapters/solana/rpc_chain.hpp"
#include "apps/cli/genesis.hpp"

namespace obelisk::cli {

using base::Code;
using base::Error;

base::Result<ports::Chain*> Session::chain() {
  if (!chain_) {
    solana_rpc::RpcOptions options;
    options.rpc_url = settings_.rpc_url;
    TRY(chain_, solana_rpc::RpcChain::create(options, clock_));
  }
  return chain_.get();
}

base::Result<MarketClient*> Session::market() {
  if (!market_) {
    TRY(market_, MarketClient::create(settings_.market_url));
  }
  return market_.get();
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

base::Result<bool> Session::is_mainnet() {
  if (!is_mainnet_) {
    TRY(const base::Hash genesis, genesis_hash(settings_.rpc_url));
    is_mainnet_ = genesis.to_string() == kMainnetGenesis;
  }
  return *is_mainnet_;
}

base::Result<ports::Signer*> Session::signing_wallet() {
  const Error no{Code::refused, "This is Solana's mainnet: its SOL is real money.",
                 "Give --mainnet to spend it, or --rpc-url for another network."};
  if (!settings_.mainnet) {
    if (names_mainnet(settings_.rpc_url)) return no;
    TRY(const bool mainnet, is_mainnet());
    if (mainnet) return no;
  }
  return wallet();
}

}  // namespace obelisk::cli
