// `obelisk-host measure`, and the same as a process of its own.
#pragma once

#include "apps/host/measure/kept_rows.hpp"
#include "apps/host/options.hpp"
#include "ports/gpus.hpp"

namespace obelisk::host {

// Measures the named card, or all; prints a line for each. The first failure ends it.
base::Result<void> measure(const Asked& asked, ports::Gpus& gpus);

// This very program again, with a time limit.
MeasureCard measure_in_child(const Config& config);

}  // namespace obelisk::host
