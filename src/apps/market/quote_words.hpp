// What is said of quotes in more than one place.
#pragma once

#include <string_view>

#include "base/error.hpp"
#include "base/public_key.hpp"

namespace obelisk::market_app {

base::Error no_such_quote();
base::Error paid_already(const base::PublicKey& lease);
// Behind a proxy on this machine everybody has its address.
bool is_loopback(std::string_view address);

}  // namespace obelisk::market_app
