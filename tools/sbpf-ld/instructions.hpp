// The last look at the code before it is written: every instruction must be one that the Solana VM,
// version 3, executes as clang meant it. The VM would refuse some of these at deployment; others it
// would execute differently, and money would be wrong. It changes nothing.
#pragma once

#include "tools/sbpf-ld/program.hpp"

namespace obelisk::sbpf_ld {

// Throws Failure. Adds to program.syscalls those that were called by number.
void check_instructions(Program& program);

}  // namespace obelisk::sbpf_ld
