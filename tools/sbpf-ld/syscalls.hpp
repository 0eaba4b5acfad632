// The syscalls of the Solana VM that a program of ours may name, and the number a name turns into.
// The runtime does not check a v3 program's syscall names when it is deployed, so a wrong name
// would fail only when it is executed: the linker refuses every name that is not on the list.
#pragma once

#include <cstdint>
#include <string_view>

namespace obelisk::sbpf_ld {

// murmur3, 32 bits, seed 0: the immediate of a static syscall.
std::uint32_t murmur3(std::string_view text);

bool is_syscall(std::string_view name);

// The name of the syscall with this number; empty when there is none.
std::string_view syscall_of(std::uint32_t number);

}  // namespace obelisk::sbpf_ld
