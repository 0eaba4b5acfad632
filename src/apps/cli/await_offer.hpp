// await_offer: waits until an offer that fits is there and quoted. Nothing is signed meanwhile, so
// that to end it costs nothing. It must never take a quote that is dearer than the person's cap.
#pragma once

#include "apps/cli/order.hpp"

namespace obelisk::cli {

// What an order looks for, in the language of docs/search.md. A card that is none of the catalogue
// is the beginning of several: h100 is h100-sxm, h100-pcie ...
std::string search_text(const Order& order);

// The quote of the first offer that fits and is still free when it is asked for.
base::Result<OrderedQuote> await_offer(Session& session, Order order);

}  // namespace obelisk::cli
