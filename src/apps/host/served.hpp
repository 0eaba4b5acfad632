// Which market and program a host serves: what its owner pinned, else what the market's server
// says, else, where that is away, what it said last. With the last word a host serves its leases on
// while the market is gone. It must never take another server's word for this one's.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "apps/host/config.hpp"
#include "base/public_key.hpp"
#include "base/result.hpp"

namespace obelisk::host {

struct Served {
  base::PublicKey program;
  base::PublicKey market;

  bool operator==(const Served&) const = default;
};

// What it said last, of the market that is named; of whichever it was where none is named.
std::optional<Served> said_last(const Config& config);

// `ask` asks the server. What it said is kept in the state directory, with where it was asked.
base::Result<Served> find_served(const Config& config,
                                 const std::function<base::Result<Served>()>& ask,
                                 const std::function<void(const std::string& words)>& log);

}  // namespace obelisk::host
