// Which program may have this wallet's signature: a program can do with a signature whatever it
// likes, so a lease's address alone is no reason to sign. It must never trust the account's own
// word.
#pragma once

#include "apps/cli/lease_account.hpp"
#include "apps/cli/session.hpp"
#include "base/result.hpp"

namespace obelisk::cli {

// Done if the lease's program is the one in the settings, the one this machine paid for that lease,
// or the market's. Code::refused otherwise, with the flag that says "yes, that one".
base::Result<void> trust_program(Session& session, const LeaseAccount& lease);

}  // namespace obelisk::cli
