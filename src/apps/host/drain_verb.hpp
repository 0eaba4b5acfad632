// `obelisk-host drain`: sets or lifts the time from which this host takes no lease.
#pragma once

#include "apps/host/options.hpp"

namespace obelisk::host {

// What the running host, or the next one on this folder, looks at.
base::Result<void> drain(const Asked& asked);

}  // namespace obelisk::host
