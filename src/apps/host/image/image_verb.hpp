// `obelisk-host image list | pull | remove`: what leases may start from. A running host on the same
// folder offers the change within a second.
#pragma once

#include "apps/host/options.hpp"

namespace obelisk::host {

base::Result<void> image(const Asked& asked);

}  // namespace obelisk::host
