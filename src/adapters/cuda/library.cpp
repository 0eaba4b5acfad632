#include "adapters/cuda/library.hpp"

#include <dlfcn.h>

#include "adapters/cuda/failure.hpp"

namespace obelisk::cuda {

namespace {

template <class Function>
bool find(void* library, const char* name, Function*& out) {
  out = reinterpret_cast<Function*>(::dlsym(library, name));
  return out != nullptr;
}

}  // namespace

std::string Library::find_all() {
  std::string lacking;
  auto need = [&](const char* name, auto*& out) {
    if (!find(library_, name, out) && lacking.empty()) lacking = name;
  };
  need("cuInit", init_);
  need("cuDeviceGetCount", count);
  need("cuDeviceGet", device);
  need("cuDeviceTotalMem_v2", total_memory);
  need("cuDeviceGetAttribute", attribute);
  need("cuCtxCreate_v2", context_create);
  need("cuCtxDestroy_v2", context_destroy);
  need("cuMemGetInfo_v2", memory_info);
  need("cuMemAlloc_v2", allocate);
  need("cuMemFree_v2", free);
  need("cuModuleLoadData", module_load);
  need("cuModuleUnload", module_unload);
  need("cuModuleGetFunction", function);
  need("cuStreamCreate", stream_create);
  need("cuStreamDestroy_v2", stream_destroy);
  need("cuEventCreate", event_create);
  need("cuEventDestroy_v2", event_destroy);
  need("cuEventRecord", event_record);
  need("cuEventQuery", event_query);
  need("cuEventElapsedTime", elapsed);
  need("cuLaunchKernel", launch);
  need("cuMemcpyDtoHAsync_v2", copy_to_host);
  // The first form names the whole card even where it is cut into instances (MIG), which then are
  // what would be measured. The second says whose UUID it really is; drivers before 11.4 lack it.
  if (!find(library_, "cuDeviceGetUuid_v2", uuid)) need("cuDeviceGetUuid", uuid);
  find(library_, "cuMemcpyHtoDAsync_v2", copy_to_card);
  find(library_, "cuMemcpyDtoDAsync_v2", copy_on_card);
  if (!find(library_, "cuMemFreeHost", host_free) ||
      !find(library_, "cuMemHostAlloc", host_allocate)) {
    host_free = nullptr;
    host_allocate = nullptr;
  }
  scripted_ = ::dlsym(library_, kScriptedMark) != nullptr;
  return lacking;
}

base::Result<std::unique_ptr<Library>> Library::open(const std::string& file) {
  // Never unloaded: a driver that has started keeps threads, whose code must not go away.
  void* loaded = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (loaded == nullptr) {
    return base::Error{base::Code::missing_dependency, "There is no " + file + ".",
                       "Install NVIDIA's driver if this machine has a card."};
  }
  std::unique_ptr<Library> out(new Library(loaded));
  if (const std::string lacking = out->find_all(); !lacking.empty()) {
    return base::Error{base::Code::missing_dependency,
                       "NVIDIA's driver does not work: its library has no " + lacking + ".",
                       "Install driver 450 or newer."};
  }
  if (const Return code = out->init_(0); code != kSuccess) return start_failure(code);
  return out;
}

Library::~Library() { ::dlclose(library_); }

}  // namespace obelisk::cuda
