// A host as the API shows it to anybody: its cards without the names that it gave them, its leases
// with what is proven and waits. Pure. It must never show where its machine is or who rents.
#pragma once

#include <optional>
#include <vector>

#include "api/types.hpp"
#include "apps/market/offer_desk.hpp"
#include "core/host/claimable.hpp"
#include "core/lease/record.hpp"

namespace obelisk::market_app {

// What a claim with the newest attestation would pay now, by what the record knows of the account.
// Nothing: there is no proof that the chain was not shown, or nothing would be paid. A payment that
// could not land before (PROTOCOL.md, section 3) is not in it.
std::optional<host::Claimable> waiting_in(const lease::Record& record,
                                          base::UnixSeconds chain_now_s);

// `seen`: nothing where it never listed anything; it may serve all the same.
api::HostNow host_now(const base::PublicKey& host, const std::optional<HostSeen>& seen,
                      const std::vector<lease::Record>& served, base::UnixSeconds chain_now_s,
                      base::UnixSeconds now_s);

}  // namespace obelisk::market_app
