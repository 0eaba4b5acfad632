// MemoryWipe: writes over what a lease left in a card's memory, before anybody else gets the card.
// All that the driver gives is filled with a random stream and looked at in places. It must never
// be asked while a lease has the card.
#pragma once

#include <cstdint>
#include <string>

#include "adapters/cuda/cuda_meter.hpp"
#include "base/result.hpp"
#include "ports/clock.hpp"

namespace obelisk::cuda {

// Of the card's memory so much has to have been written over; the driver keeps the rest for itself.
inline constexpr std::uint32_t kWipedPercent = 90;

// How many bytes it were. Errors as of CardMeter; conflict where something still uses the card.
base::Result<std::uint64_t> wipe_memory(ports::Clock& clock, const CudaOptions& options,
                                        const std::string& uuid, std::int64_t time_limit_ms);

}  // namespace obelisk::cuda
