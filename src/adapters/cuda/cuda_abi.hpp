// The part of NVIDIA's CUDA driver library that we call, as its public API documentation describes
// it: docs.nvidia.com/cuda/cuda-driver-api. Numbers, sizes and names only, written down by us, so
// that a host needs no toolkit. Functions carry a version suffix where their layout once changed;
// we name exactly the version whose layout stands here, and all of them are in every driver since
// CUDA 10. It must never grow a struct that is not guarded by its size.
#pragma once

#include <cstddef>
#include <cstdint>

namespace obelisk::cuda {

// Opaque: the library's own.
struct Context;
struct Module;
struct Function;
struct Stream;
struct Event;
using Return = int;
using Device = int;                  // a card's number, from 0
using Address = unsigned long long;  // in a card's memory
static_assert(sizeof(Address) == 8);

inline constexpr Return kSuccess = 0;
inline constexpr Return kInvalidValue = 1;
inline constexpr Return kOutOfMemory = 2;
inline constexpr Return kNotInitialized = 3;
inline constexpr Return kStubLibrary = 34;
inline constexpr Return kDeviceUnavailable = 46;  // another process has it for itself
inline constexpr Return kNoDevice = 100;
inline constexpr Return kInvalidDevice = 101;
inline constexpr Return kInvalidImage = 200;
inline constexpr Return kInvalidContext = 201;
inline constexpr Return kNoBinaryForGpu = 209;
inline constexpr Return kEccUncorrectable = 214;
inline constexpr Return kInvalidPtx = 218;
inline constexpr Return kCompilerNotFound = 221;
inline constexpr Return kUnsupportedPtxVersion = 222;
inline constexpr Return kCompilationDisabled = 223;
inline constexpr Return kNotFound = 500;
inline constexpr Return kNotReady = 600;  // no failure: the work goes on
inline constexpr Return kIllegalAddress = 700;
inline constexpr Return kLaunchTimeout = 702;  // a display's watchdog ended the kernel
inline constexpr Return kLaunchFailed = 719;
inline constexpr Return kSystemNotReady = 802;
inline constexpr Return kDriverMismatch = 803;
inline constexpr Return kUnknown = 999;

inline constexpr int kMultiprocessorCount = 16;  // of cuDeviceGetAttribute

// cuCtxCreate_v2: threads that wait sleep. We only ever wait for moments.
inline constexpr unsigned kBlockingSync = 4;
inline constexpr unsigned kNonBlockingStream = 1;  // does not wait for the default stream
inline constexpr unsigned kDefaultEvent = 0;       // with timing
inline constexpr unsigned kPlainHostMemory = 0;    // of cuMemHostAlloc: pinned, nothing else

struct Uuid {
  std::uint8_t bytes[16] = {};
};
static_assert(sizeof(Uuid) == 16);

using InitFn = Return(unsigned flags);
using CountFn = Return(int*);
using DeviceFn = Return(Device*, int number);
using UuidFn = Return(Uuid*, Device);
using TotalMemoryFn = Return(std::size_t*, Device);
using AttributeFn = Return(int*, int which, Device);
using ContextCreateFn = Return(Context**, unsigned flags, Device);
using ContextDestroyFn = Return(Context*);
using MemoryInfoFn = Return(std::size_t* free, std::size_t* total);
using AllocateFn = Return(Address*, std::size_t bytes);
using FreeFn = Return(Address);
using HostAllocateFn = Return(void**, std::size_t bytes, unsigned flags);
using HostFreeFn = Return(void*);
using ModuleLoadFn = Return(Module**, const void* image);  // PTX text, ended by a zero
using ModuleUnloadFn = Return(Module*);
using FunctionFn = Return(Function**, Module*, const char* name);
using StreamCreateFn = Return(Stream**, unsigned flags);
using StreamDestroyFn = Return(Stream*);
using EventCreateFn = Return(Event**, unsigned flags);
using EventDestroyFn = Return(Event*);
using EventRecordFn = Return(Event*, Stream*);
using EventQueryFn = Return(Event*);
using ElapsedFn = Return(float* milliseconds, Event* from, Event* to);
// Grid and block sizes, bytes of shared memory, stream, one pointer for each parameter, extras.
using LaunchFn = Return(Function*, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned,
                        unsigned, Stream*, void**, void**);
using CopyToHostFn = Return(void* to, Address from, std::size_t bytes, Stream*);
using CopyToCardFn = Return(Address to, const void* from, std::size_t bytes, Stream*);
using CopyOnCardFn = Return(Address to, Address from, std::size_t bytes, Stream*);

// Exported by our scripted stand-in and by nothing of NVIDIA's: who loads it must say "simulated".
inline constexpr const char* kScriptedMark = "obelisk_cuda_is_scripted";

}  // namespace obelisk::cuda
