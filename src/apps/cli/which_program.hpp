// Which lease programs are looked at where nobody named one. It must never decide which program is
// trusted with money: settings and trust.hpp do.
#pragma once

#include <set>

#include "apps/cli/session.hpp"
#include "base/public_key.hpp"
#include "base/result.hpp"

namespace obelisk::cli {

// The one that was named, else those of the leases made here, else the market's.
base::Result<std::set<base::PublicKey>> programs_to_search(Session& session);

}  // namespace obelisk::cli
