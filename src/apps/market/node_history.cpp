#include "apps/market/node_history.hpp"

namespace obelisk::market_app {

base::Result<void> check_node_history(ports::Chain& chain, const base::PublicKey& program) {
  const auto any = chain.history(program, {.limit = 1});
  if (any || any.error().code != base::Code::unsupported) return {};
  return base::Error{
      base::Code::unsupported,
      "A market cannot run on this node: it keeps no transaction history. " + any.error().message,
      "Name one that does (--enable-rpc-transaction-history): --rpc URL."};
}

}  // namespace obelisk::market_app
