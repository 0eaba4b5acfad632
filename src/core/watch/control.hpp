// Control: terms of no lease at all, between keys that are the watch's own. Signed as a quote they
// let it publish at a gateway as a host does, and visit itself there as a renter would: so it knows
// whether visitors get through. Nobody can pay them: their renter's key signs nothing.
#pragma once

#include "base/time.hpp"
#include "core/market/terms.hpp"
#include "core/watch/quoted.hpp"

namespace obelisk::watch {

struct ControlKeys {
  base::PublicKey attestor;
  base::PublicKey host;
  base::PublicKey renter;
};

market::Terms control_terms(const Ground& ground, const ControlKeys& keys, base::UnixSeconds now_s);

}  // namespace obelisk::watch
