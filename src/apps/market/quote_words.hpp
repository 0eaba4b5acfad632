// What is said of quotes in more than one place.
#pragma once

#include <string_view>

#include "base/error.hpp"
#include "base/public_key.hpp"

namespace obelisk::market_app {

base::Error no_such_quote();
// The watch did not sign it: why, as the renter may hear it.
base::Error not_signed(const base::Error& why);
base::Error paid_already(const base::PublicKey& lease);
// Behind a proxy on this machine everybody has its address.
bool is_loopback(std::string_view address);

}  // namespace obelisk::market_app
