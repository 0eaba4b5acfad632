// `obelisk-host earnings`: what reached this host's wallet, from the chain alone.
#pragma once

#include "apps/host/options.hpp"

namespace obelisk::host {

base::Result<void> earnings(const Asked& asked);

}  // namespace obelisk::host
