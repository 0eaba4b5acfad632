// The syscalls of the test host, and the one instruction that is running. Syscalls carry no
// context, so it is found through a pointer of the thread; only Host::run sets it.
#pragma once

#include "program/input.hpp"
#include "program/native/host.hpp"
#include "program/syscalls.hpp"

namespace obelisk::program {

struct Running {
  base::PublicKey program;
  std::int64_t now = 0;
  std::uint64_t slot = 0;
  std::vector<base::Bytes> events;

  static Running*& current();
};

}  // namespace obelisk::program

extern "C" std::uint64_t entrypoint(std::uint8_t* region);
