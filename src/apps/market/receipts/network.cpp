#include "apps/market/receipts/network.hpp"

#include "adapters/solana/node_questions.hpp"
#include "adapters/solana/open_chain.hpp"

namespace obelisk::market_app {

ReceiptDesk::Network network_of(const std::string& rpc_urls) {
  return [rpc_urls]() -> base::Result<base::Hash> {
    TRY(const auto urls, solana_rpc::node_urls(rpc_urls));
    const auto reports = solana_rpc::ask_nodes(urls);
    for (const auto& report : reports) {
      if (report.genesis) return *report.genesis;
    }
    return reports.front().genesis.error();
  };
}

}  // namespace obelisk::market_app
