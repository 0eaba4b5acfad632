// Which of the driver's cards has a UUID.
#pragma once

#include <string>

#include "adapters/cuda/library.hpp"

namespace obelisk::cuda {

// not_found where the driver knows no such card. `uuid` is "GPU-" and 36 characters, as NVML and
// nvidia-smi write it; or "MIG-" and as many: an instance of a cut card, which the driver shows to
// a process only whose CUDA_VISIBLE_DEVICES names it.
// Whether it has the form of such a name.
bool is_card_name(const std::string& uuid);
base::Result<Device> find_card(const Library& library, const std::string& uuid);

}  // namespace obelisk::cuda
