// Whether the nodes can show what happened at an address. How a lease ended, and that a quote was
// never paid, is read there and nowhere else.
#pragma once

#include "base/public_key.hpp"
#include "base/result.hpp"
#include "ports/chain.hpp"

namespace obelisk::market_app {

// unsupported where a node answers that it keeps none. One that does not answer now says nothing.
base::Result<void> check_node_history(ports::Chain& chain, const base::PublicKey& program);

}  // namespace obelisk::market_app
