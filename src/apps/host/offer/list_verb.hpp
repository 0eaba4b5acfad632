// `obelisk-host list`: changes what the running host, or the next one on this state folder, offers;
// without flags it says what that is, and what the market shows of it. It must never touch a lease.
#pragma once

#include "apps/host/options.hpp"
#include "ports/gpus.hpp"

namespace obelisk::host {

base::Result<void> list(const Asked& asked, ports::Gpus& gpus);

}  // namespace obelisk::host
