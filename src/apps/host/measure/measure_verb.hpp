// `obelisk-host measure`, and the same as a process of its own.
#pragma once

#include "adapters/cuda/cuda_meter.hpp"
#include "apps/host/measure/kept_rows.hpp"
#include "apps/host/options.hpp"
#include "ports/gpus.hpp"

namespace obelisk::host {

// Measures the named card, or all; prints a line for each. The first failure ends it.
base::Result<void> measure(const Asked& asked, ports::Gpus& gpus);

// This very program again, with a time limit.
MeasureCard measure_in_child(const Config& config);

// A card of 80 GB is reckoned to take some twenty seconds.
inline constexpr std::int64_t kMeasureLongestMs = 120'000;
cuda::CudaOptions cuda_options(const Config& config);
// Writes over a card's memory, in a process of its own: what a lease left there is nobody's to
// read.
base::Result<void> wipe_in_child(const Config& config, const std::string& uuid);
// What `measure --gpu UUID` and these words print, from a process of its own.
base::Result<std::string> run_measure_child(const Config& config, const std::string& uuid,
                                            const std::vector<std::string>& words);

}  // namespace obelisk::host
