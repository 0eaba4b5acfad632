// libcuda-scripted.so: NVIDIA's functions, answered from the script that the environment variable
// OBELISK_CUDA_SCRIPT names, and by running the real kernels on the CPU. It exports a mark by which
// our own loader knows it, so that no card of it can pass for a real one, and counts what was not
// given back. With OBELISK_CUDA_MINIMAL it leaves out what may be missing, with OBELISK_CUDA_BROKEN
// something that may not.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <mutex>
#include <set>

#include "adapters/cuda/cuda_abi.hpp"
#include "adapters/cuda/scripted/card.hpp"
#include "adapters/cuda/scripted/script.hpp"

namespace obelisk::cuda::scripted {

namespace {

// A C library has no object to keep its state in; this is the one place that has to.
struct State {
  std::mutex mutex;
  Script script;
  bool running = false;
  std::uint64_t calls = 0;
  std::map<std::string, std::uint64_t> calls_of;
  CardMemory memory;
  std::set<std::uint64_t> handles;  // contexts, modules, streams, events: numbers, never pointers
  std::set<void*> pinned;
  std::uint64_t next_handle = 1;
  std::uint64_t queries = 0;  // since the last work
  Device device = 0;          // of the newest context
  std::string image;
};
State& state() {
  static State the_state;
  return the_state;
}

Return reload() {
  const char* path = std::getenv("OBELISK_CUDA_SCRIPT");
  if (path == nullptr) return kNoDevice;
  std::ifstream file(path, std::ios::binary);
  if (!file) return kNoDevice;
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  State& now = state();
  now.script = parse_script(text);
  now.calls = 0;
  now.calls_of.clear();
  now.running = now.script.valid;
  return now.running ? kSuccess : kUnknown;
}

// What the script says to a call of this function; counted whether it works or not.
Return scripted_answer(const std::string& function) {
  State& now = state();
  if (!now.running) return kNotInitialized;
  if (now.calls++ >= now.script.lost_after) return kUnknown;
  const std::uint64_t before = now.calls_of[function]++;
  const auto found = now.script.failures.find(function);
  return found != now.script.failures.end() && before >= found->second.after ? found->second.code
                                                                             : kSuccess;
}

template <class Body>
Return call(const char* function, Body body) {
  std::lock_guard guard(state().mutex);
  const Return code = scripted_answer(function);
  return code == kSuccess ? body(state()) : code;
}

// Whatever the script says, what is given back is gone: a dead card keeps nothing.
template <class Body>
Return give_back(const char* function, Body body) {
  std::lock_guard guard(state().mutex);
  const bool known = body(state());
  const Return code = scripted_answer(function);
  return code == kSuccess && !known ? kInvalidValue : code;
}

template <class Body>
Return on_card(const char* function, Device device, Body body) {
  return call(function, [&](State& now) {
    if (device < 0 || static_cast<std::size_t>(device) >= now.script.cards.size()) {
      return kInvalidDevice;
    }
    return body(now.script.cards[static_cast<std::size_t>(device)]);
  });
}

template <class Handle>
Return make_handle(const char* function, Handle** out) {
  return call(function, [&](State& now) {
    const std::uint64_t handle = now.next_handle++;
    now.handles.insert(handle);
    *out = reinterpret_cast<Handle*>(handle);
    return kSuccess;
  });
}

Return drop_handle(const char* function, void* handle) {
  return give_back(function, [&](State& now) {
    return now.handles.erase(reinterpret_cast<std::uint64_t>(handle)) == 1;
  });
}

const Card* card_in_use() {
  const State& now = state();
  const auto place = static_cast<std::size_t>(now.device);
  return place < now.script.cards.size() ? &now.script.cards[place] : nullptr;
}

Return put_uuid(const Card& card, Uuid* out) {
  std::string digits;
  for (char c : card.uuid.substr(std::min<std::size_t>(4, card.uuid.size()))) {
    if (c != '-') digits.push_back(c);
  }
  if (digits.size() != 32) return kInvalidValue;
  for (std::size_t i = 0; i < 16; ++i) {
    out->bytes[i] =
        static_cast<std::uint8_t>(std::strtoul(digits.substr(2 * i, 2).c_str(), nullptr, 16));
  }
  return kSuccess;
}

Return copy(const char* function, std::uint64_t card_address, std::size_t bytes, void* to,
            const void* from) {
  return call(function, [&](State& now) {
    if (!now.memory.holds(card_address, bytes)) return kInvalidValue;
    std::memcpy(to, from, bytes);
    now.queries = 0;
    return kSuccess;
  });
}

void flip_bits(State& now, const std::string& kernel, const Work& work) {
  const auto found = now.script.flips.find(kernel);
  if (found == now.script.flips.end()) return;
  auto* bytes = reinterpret_cast<std::uint8_t*>(work.memory);
  for (std::uint64_t at = 0; at < now.memory.bytes_from(work.memory); at += found->second) {
    bytes[at] ^= 1;
  }
}

}  // namespace

// The names are NVIDIA's.
// NOLINTBEGIN(readability-identifier-naming)
extern "C" {

int obelisk_cuda_is_scripted() { return 1; }

// What was made and not given back.
std::uint64_t obelisk_cuda_left_over() {
  std::lock_guard guard(state().mutex);
  return state().handles.size() + state().pinned.size() + state().memory.count();
}

// Calls of all functions since cuInit.
std::uint64_t obelisk_cuda_calls() {
  std::lock_guard guard(state().mutex);
  return state().calls;
}

Return cuInit(unsigned flags) {
  std::lock_guard guard(state().mutex);
  if (flags != 0) return kInvalidValue;
  if (Return code = reload(); code != kSuccess) return code;
  return scripted_answer("cuInit");
}

Return cuDeviceGetCount(int* out) {
  return call("cuDeviceGetCount", [&](State& now) {
    *out = static_cast<int>(now.script.cards.size());
    return kSuccess;
  });
}

Return cuDeviceGet(Device* out, int number) {
  return on_card("cuDeviceGet", number, [&](const Card&) {
    *out = number;
    return kSuccess;
  });
}

#ifdef OBELISK_CUDA_MINIMAL
Return cuDeviceGetUuid(Uuid* out, Device device) {
  return on_card("cuDeviceGetUuid", device, [&](const Card& card) { return put_uuid(card, out); });
}
#else
Return cuDeviceGetUuid_v2(Uuid* out, Device device) {
  return on_card("cuDeviceGetUuid_v2", device,
                 [&](const Card& card) { return put_uuid(card, out); });
}

Return cuMemHostAlloc(void** out, std::size_t bytes, unsigned) {
  return call("cuMemHostAlloc", [&](State& now) {
    *out = std::malloc(bytes);
    if (*out == nullptr) return kOutOfMemory;
    now.pinned.insert(*out);
    return kSuccess;
  });
}

Return cuMemFreeHost(void* memory) {
  return give_back("cuMemFreeHost", [&](State& now) {
    if (now.pinned.erase(memory) == 0) return false;
    std::free(memory);
    return true;
  });
}

Return cuMemcpyHtoDAsync_v2(Address to, const void* from, std::size_t bytes, Stream*) {
  return copy("cuMemcpyHtoDAsync_v2", to, bytes, reinterpret_cast<void*>(to), from);
}

Return cuMemcpyDtoDAsync_v2(Address to, Address from, std::size_t bytes, Stream*) {
  return copy("cuMemcpyDtoDAsync_v2", to, bytes, reinterpret_cast<void*>(to),
              reinterpret_cast<const void*>(from));
}
#endif

Return cuDeviceTotalMem_v2(std::size_t* out, Device device) {
  return on_card("cuDeviceTotalMem_v2", device, [&](const Card& card) {
    *out = card.memory_bytes;
    return kSuccess;
  });
}

Return cuDeviceGetAttribute(int* out, int which, Device device) {
  return on_card("cuDeviceGetAttribute", device, [&](const Card& card) {
    *out = card.multiprocessors;
    return which == kMultiprocessorCount ? kSuccess : kInvalidValue;
  });
}

Return cuCtxCreate_v2(Context** out, unsigned, Device device) {
  const Return code = make_handle("cuCtxCreate_v2", out);
  if (code == kSuccess) state().device = device;
  return code;
}

Return cuCtxDestroy_v2(Context* context) { return drop_handle("cuCtxDestroy_v2", context); }

Return cuMemGetInfo_v2(std::size_t* free, std::size_t* total) {
  return call("cuMemGetInfo_v2", [&](State& now) {
    const Card* card = card_in_use();
    if (card == nullptr) return kInvalidContext;
    *total = card->memory_bytes;
    // More in use than there is: a script's way to let a card say nonsense.
    *free = card->memory_bytes - card->used_bytes - now.memory.used();
    return kSuccess;
  });
}

Return cuMemAlloc_v2(Address* out, std::size_t bytes) {
  return call("cuMemAlloc_v2", [&](State& now) {
    const Card* card = card_in_use();
    if (card == nullptr) return kInvalidContext;
    const std::uint64_t taken = card->used_bytes + now.memory.used();
    const bool fits = taken <= card->memory_bytes && bytes <= card->memory_bytes - taken;
    *out = fits ? now.memory.allocate(bytes, card->real_bytes) : 0;
    return *out == 0 ? kOutOfMemory : kSuccess;
  });
}

Return cuMemFree_v2(Address address) {
  return give_back("cuMemFree_v2", [&](State& now) { return now.memory.free(address); });
}

Return cuModuleLoadData(Module** out, const void* image) {
  state().image = static_cast<const char*>(image);
  if (state().image.find(".target sm_") == std::string::npos) return kInvalidPtx;
  return make_handle("cuModuleLoadData", out);
}

Return cuModuleUnload(Module* module) { return drop_handle("cuModuleUnload", module); }

// Only what the PTX has, too.
Return cuModuleGetFunction(Function** out, Module*, const char* name) {
  return call("cuModuleGetFunction", [&](State& now) {
    KernelFn* kernel = native_kernel(name);
    const bool there = now.image.find(".entry " + std::string(name) + "(") != std::string::npos;
    if (kernel == nullptr || !there) return kNotFound;
    *out = reinterpret_cast<Function*>(kernel);
    return kSuccess;
  });
}

Return cuStreamCreate(Stream** out, unsigned) { return make_handle("cuStreamCreate", out); }
Return cuStreamDestroy_v2(Stream* stream) { return drop_handle("cuStreamDestroy_v2", stream); }
Return cuEventCreate(Event** out, unsigned) { return make_handle("cuEventCreate", out); }
Return cuEventDestroy_v2(Event* event) { return drop_handle("cuEventDestroy_v2", event); }

Return cuEventRecord(Event*, Stream*) {
  return call("cuEventRecord", [](State&) { return kSuccess; });
}

Return cuEventQuery(Event*) {
  return call("cuEventQuery",
              [](State& now) { return now.queries++ < now.script.busy ? kNotReady : kSuccess; });
}

#ifndef OBELISK_CUDA_BROKEN
Return cuEventElapsedTime(float* out, Event*, Event*) {
  return call("cuEventElapsedTime", [&](State& now) {
    *out = now.script.elapsed_ms;
    return kSuccess;
  });
}
#endif

Return cuLaunchKernel(Function* function, unsigned blocks, unsigned, unsigned, unsigned threads,
                      unsigned, unsigned, unsigned, Stream*, void** parameters, void**) {
  return call("cuLaunchKernel", [&](State& now) {
    Work work;
    std::memcpy(&work, parameters[0], sizeof work);
    if (threads != kBlockThreads) return kInvalidValue;
    if (!now.memory.holds(work.memory, 1) || !now.memory.holds(work.out, 1)) return kIllegalAddress;
    auto* kernel = reinterpret_cast<KernelFn*>(function);
    run_grid(kernel, work, blocks);
    for (const char* name : {kFillKernel, kMeetKernel, kDigestKernel, kReadKernel}) {
      if (native_kernel(name) == kernel) flip_bits(now, name, work);
    }
    now.queries = 0;
    return kSuccess;
  });
}

Return cuMemcpyDtoHAsync_v2(void* to, Address from, std::size_t bytes, Stream*) {
  return copy("cuMemcpyDtoHAsync_v2", from, bytes, to, reinterpret_cast<const void*>(from));
}

}  // extern "C"
// NOLINTEND(readability-identifier-naming)

}  // namespace obelisk::cuda::scripted
