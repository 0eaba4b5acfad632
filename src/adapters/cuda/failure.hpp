// What the driver's error numbers mean for who asked: one place that turns them into our codes. It
// must never be asked about kSuccess or kNotReady, which are no failures.
#pragma once

#include <string_view>

#include "adapters/cuda/cuda_abi.hpp"
#include "base/error.hpp"

namespace obelisk::cuda {

// A card that was to do something (`what`, as in "The card did not <what>").
base::Error card_failure(std::string_view what, Return code);
// A driver that does not start.
base::Error start_failure(Return code);
// An answer that cannot be true.
base::Error contradiction(std::string what);
base::Error out_of_time();

}  // namespace obelisk::cuda
