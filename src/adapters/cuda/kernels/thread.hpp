// Where a thread stands in its launch: on a card from its registers, natively from what the loop
// that stands in for the grid says. It must never be included by anything but kernels and that
// loop.
#pragma once

#include "adapters/cuda/kernels/work.hpp"

#if defined(__NVPTX__)
#define OBELISK_KERNEL extern "C" __attribute__((nvptx_kernel)) void
#else
#define OBELISK_KERNEL extern "C" void
#endif

namespace obelisk::cuda {

#if defined(__NVPTX__)
inline cards::u64 thread_number() {
  return static_cast<cards::u64>(__nvvm_read_ptx_sreg_ctaid_x()) * kBlockThreads +
         __nvvm_read_ptx_sreg_tid_x();
}
inline cards::u64 thread_count() {
  return static_cast<cards::u64>(__nvvm_read_ptx_sreg_nctaid_x()) * kBlockThreads;
}
#else
struct Place {
  cards::u64 number = 0;
  cards::u64 count = 0;
};
inline thread_local Place the_place;
inline cards::u64 thread_number() { return the_place.number; }
inline cards::u64 thread_count() { return the_place.count; }
#endif

}  // namespace obelisk::cuda
