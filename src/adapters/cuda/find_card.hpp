// Which of the driver's cards has a UUID.
#pragma once

#include <string>

#include "adapters/cuda/library.hpp"

namespace obelisk::cuda {

// not_found where the driver knows no such card. `uuid` is "GPU-" and 36 characters, as NVML and
// nvidia-smi write it.
base::Result<Device> find_card(const Library& library, const std::string& uuid);

}  // namespace obelisk::cuda
