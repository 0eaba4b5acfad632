// What of a lease is whose: its way in, the words about it and its trail are its renter's and its
// host's; the rest is on the chain anyway. It must never show a private field to anybody else.
#pragma once

#include "api/types.hpp"
#include "apps/market/callers.hpp"

namespace obelisk::market_app {

bool may_see_all(const Caller& caller, const base::PublicKey& renter, const base::PublicKey& host);
// unauthorized where nobody said who asks, forbidden where it is somebody else.
base::Result<void> check_may_see_all(const Caller& caller, const base::PublicKey& renter,
                                     const base::PublicKey& host);
// Without `ssh`, and with few words instead of those that may quote host or renter.
api::Lease public_view(api::Lease lease);

}  // namespace obelisk::market_app
