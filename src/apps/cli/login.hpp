// The first login: the host's signed key is checked and pinned, then the system's ssh is tried
// until it gets in. It must never be tried before the chain has the lease ACTIVE.
#pragma once

#include <string>

#include "apps/cli/lease_account.hpp"
#include "apps/cli/lease_follower.hpp"
#include "apps/cli/session.hpp"
#include "base/result.hpp"

namespace obelisk::cli {

struct Login {
  api::SshAccess access;
  std::int64_t in_ms = 0;  // of the steady clock: when ssh first ended with 0
};

base::Result<Login> log_in(Session& session, LeaseFollower& follower, const LeaseAccount& lease,
                           const std::string& folder, const std::string& identity_file);

}  // namespace obelisk::cli
