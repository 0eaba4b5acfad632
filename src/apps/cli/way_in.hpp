// The way into a lease as this machine has it pinned: asked for anew where the market answers,
// since a host may be reached by another gateway by now. It must never pin what the host did not
// sign.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "apps/cli/session.hpp"
#include "base/public_key.hpp"
#include "base/result.hpp"

namespace obelisk::cli {

struct WayIn {
  base::PublicKey lease;
  std::string folder;    // with known_hosts and ssh_config
  std::string identity;  // the private key that logs in
  // What the market says now; nothing where it is away and what was pinned before holds.
  std::optional<api::SshAccess> access;
  // The same machine through further gateways, for when that one is away; each verified.
  std::vector<api::SshAccess> others;
};

// `lease` as a person wrote it, `identity` if another than the lease was rented with.
base::Result<WayIn> way_in(Session& session, const std::string& lease,
                           const std::optional<std::string>& identity);

}  // namespace obelisk::cli
