// Whether a lease may be served: the host's own reading of the quote, of its listing and of the
// chain. A market that is wrong, or lies, gets a refusal in words; the renter then gets everything
// back. Pure: it looks at nothing but its arguments.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "api/types.hpp"
#include "base/result.hpp"
#include "core/escrow/layout.hpp"
#include "core/market/terms.hpp"
#include "ports/chain.hpp"
#include "ports/containers.hpp"

namespace obelisk::host {

// What this host stands on.
struct Ground {
  base::PublicKey program;
  base::PublicKey market;
  base::PublicKey host;
  api::Listing listing;
};

struct Admitted {
  market::Terms terms;
  escrow::Lease lease;
  ports::ContainerSpec container;  // without the keys that may enter
};

// The machine that these terms promise.
ports::ContainerSpec container_for(const market::Terms& terms, const base::PublicKey& lease);

// `account` is the lease's account at `processed`; `cards_in_use` the cards of other leases here.
base::Result<Admitted> admit(const Ground& ground, const api::MarketLease& wish,
                             const std::optional<ports::Account>& account,
                             const std::set<std::string>& cards_in_use);

}  // namespace obelisk::host
