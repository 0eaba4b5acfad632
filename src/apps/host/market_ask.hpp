// Questions to the market that anybody may ask: pages of its API. It must never take longer
// than five seconds, nor an answer that is large.
#pragma once

#include <string>

#include "apps/host/served.hpp"
#include "base/result.hpp"

namespace obelisk::host {

// The body of a good answer; what the market says, where it says no.
base::Result<std::string> ask_market_for(const std::string& market_url, const std::string& target);

// What the market's server says of itself.
base::Result<Served> ask_served(const std::string& market_url);
// The program that pays this host: pinned, or said last, or asked now.
base::Result<base::PublicKey> which_program(const Config& config);

}  // namespace obelisk::host
