// The finished file: an ELF of the one shape that the loader takes for version 3. Its bytes depend
// on the program alone: no time, no path, no order of a hash table.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tools/sbpf-ld/program.hpp"

namespace obelisk::sbpf_ld {

// `with_symbols` adds the names of functions, for debuggers and profilers; the chain ignores them.
std::vector<std::uint8_t> make_image(const Program& program, bool with_symbols);

// What lies where, for people: one line a piece, the sizes, the syscalls.
std::string make_map(const Program& program, std::uint64_t image_size);

}  // namespace obelisk::sbpf_ld
