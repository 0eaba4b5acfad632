// `obelisk-host init`: a newcomer's first command. Makes what is missing (the folder for leases, a
// wallet, the settings) and says what comes next. It must never overwrite anything, nor show a key.
#pragma once

#include "apps/host/options.hpp"
#include "ports/gpus.hpp"

namespace obelisk::host {

// Where SOL is money and nobody said --mainnet, nothing is made.
base::Result<void> init(const Asked& asked, ports::Gpus& gpus);

}  // namespace obelisk::host
