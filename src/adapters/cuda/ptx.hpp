// The kernels as PTX text, which the driver compiles for the card it finds: written by the build
// from kernels/kernels.cpp. The bytes are the same on every machine.
#pragma once

#include <string_view>

namespace obelisk::cuda {

// A zero follows the text, as the driver wants it.
std::string_view ptx();

}  // namespace obelisk::cuda
