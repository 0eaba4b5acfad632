// Knock: whether somebody answers at a port just now. It must never say a word there.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace obelisk::cli {

// Connects and leaves again; `patience` for each address that the name has, four at most.
bool answers(const std::string& address, std::uint16_t port, std::chrono::milliseconds patience);

}  // namespace obelisk::cli
