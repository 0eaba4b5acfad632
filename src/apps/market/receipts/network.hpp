// Which network the market's nodes are of: what a receipt names, so that nobody checks it against
// another. It must never guess.
#pragma once

#include <string>

#include "apps/market/receipts/receipt_desk.hpp"

namespace obelisk::market_app {

// In the words of the first of these nodes that answers, asked when it is first needed.
ReceiptDesk::Network network_of(const std::string& rpc_urls);

}  // namespace obelisk::market_app
