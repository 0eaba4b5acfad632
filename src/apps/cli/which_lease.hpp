// Which lease a person means: an address, the beginning of one that this machine knows, or of one
// of the wallet's at the market.
#pragma once

#include <string>

#include "apps/cli/session.hpp"
#include "base/result.hpp"

namespace obelisk::cli {

base::Result<base::PublicKey> which_lease(Session& session, const std::string& text);

}  // namespace obelisk::cli
