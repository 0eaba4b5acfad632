// `obelisk-host claim`: has paid now what attestations prove, by hand. It signs nothing before the
// amount was said and agreed to, and touches no file: the running host beside it is not disturbed,
// since claims are cumulative and a second one pays nothing twice.
#pragma once

#include "apps/host/options.hpp"

namespace obelisk::host {

base::Result<void> claim(const Asked& asked);

}  // namespace obelisk::host
