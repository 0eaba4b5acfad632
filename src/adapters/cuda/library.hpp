// Library: libcuda.so.1 as loaded at run time. Without it nothing can be measured; without one of
// the functions that may be null there is one figure less. It must never be called through a
// pointer that was not found.
#pragma once

#include <memory>
#include <string>

#include "adapters/cuda/cuda_abi.hpp"
#include "base/result.hpp"

namespace obelisk::cuda {

class Library {
 public:
  // Loads and starts the driver. missing_dependency where there is no such library, it lacks a
  // function that nothing works without, or it refuses to start; not_found where it starts and
  // knows no card.
  static base::Result<std::unique_ptr<Library>> open(const std::string& file);
  ~Library();
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;

  // Needed.
  CountFn* count = nullptr;
  DeviceFn* device = nullptr;
  UuidFn* uuid = nullptr;
  TotalMemoryFn* total_memory = nullptr;
  AttributeFn* attribute = nullptr;
  ContextCreateFn* context_create = nullptr;
  ContextDestroyFn* context_destroy = nullptr;
  MemoryInfoFn* memory_info = nullptr;
  AllocateFn* allocate = nullptr;
  FreeFn* free = nullptr;
  ModuleLoadFn* module_load = nullptr;
  ModuleUnloadFn* module_unload = nullptr;
  FunctionFn* function = nullptr;
  StreamCreateFn* stream_create = nullptr;
  StreamDestroyFn* stream_destroy = nullptr;
  EventCreateFn* event_create = nullptr;
  EventDestroyFn* event_destroy = nullptr;
  EventRecordFn* event_record = nullptr;
  EventQueryFn* event_query = nullptr;
  ElapsedFn* elapsed = nullptr;
  LaunchFn* launch = nullptr;
  CopyToHostFn* copy_to_host = nullptr;
  // May be null.
  CopyToCardFn* copy_to_card = nullptr;
  CopyOnCardFn* copy_on_card = nullptr;
  HostAllocateFn* host_allocate = nullptr;  // this and the next come together or not at all
  HostFreeFn* host_free = nullptr;

  bool scripted() const { return scripted_; }

 private:
  explicit Library(void* handle) : library_(handle) {}
  // The name of the first needed function that is missing, or "".
  std::string find_all();

  void* library_;
  InitFn* init_ = nullptr;
  bool scripted_ = false;
};

}  // namespace obelisk::cuda
