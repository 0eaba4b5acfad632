// What a launch tells its threads: one struct for every kernel, so that the host has one way to
// call them. The memory behind the addresses belongs to the host side; a kernel writes only where
// its own items lie. It must never hold a pointer type: the struct crosses between two machines.
#pragma once

#include "core/cards/memory_rule.hpp"

namespace obelisk::cuda {

struct Work {
  cards::u64 memory = 0;  // the first cell; 16 bytes aligned
  cards::u64 out = 0;     // where digests (32 bytes each) or folds (8 bytes each) go
  cards::u64 first = 0;   // the launch's first item: what an item is, each kernel says
  cards::u64 count = 0;   // how many items; threads beyond them do nothing
  cards::Seed seed = {};
  cards::u32 chunks = 0;  // of the whole memory
  cards::u32 round = 0;
};
static_assert(sizeof(Work) == 72 && alignof(Work) == 8);

inline constexpr cards::u32 kBlockThreads = 256;

// The kernels' names in the PTX.
inline constexpr const char* kFillKernel = "obelisk_fill";
inline constexpr const char* kMeetKernel = "obelisk_meet";
inline constexpr const char* kDigestKernel = "obelisk_digest";
inline constexpr const char* kReadKernel = "obelisk_read";

}  // namespace obelisk::cuda
