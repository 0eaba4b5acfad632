#include "adapters/nvml/library.hpp"

#include <dlfcn.h>

namespace obelisk::nvml {

namespace {

template <class Function>
bool find(void* library, const char* name, Function*& out) {
  out = reinterpret_cast<Function*>(::dlsym(library, name));
  return out != nullptr;
}

base::Error does_not_work(std::string why, std::string action) {
  return {base::Code::missing_dependency, "NVIDIA's driver does not work: " + std::move(why),
          std::move(action)};
}

}  // namespace

std::string meaning(Return code) {
  switch (code) {
    case kNotSupported: return "not supported";
    case kNoPermission: return "no permission";
    case kInsufficientSize: return "the answer is larger than expected";
    case kNotFound:
    case kGpuNotFound: return "no such card";
    case kDriverNotLoaded: return "the kernel module is not loaded";
    case kGpuIsLost: return "a card fell off the bus";
    case kLibraryVersionMismatch: return "kernel module and library are of different versions";
    default: return "error " + std::to_string(code);
  }
}

void Library::find_what_changes() {
  find(library_, "nvmlDeviceGetHandleByUUID", handle_by_uuid);
  find(library_, "nvmlDeviceGetUtilizationRates", utilization);
  find(library_, "nvmlDeviceGetTemperature", temperature);
  find(library_, "nvmlDeviceGetTemperatureThreshold", temperature_threshold);
  find(library_, "nvmlDeviceGetPowerUsage", power_usage);
  find(library_, "nvmlDeviceGetClockInfo", clock);
  // Renamed with driver 535; the older name means the same.
  if (!find(library_, "nvmlDeviceGetCurrentClocksEventReasons", clock_reasons)) {
    find(library_, "nvmlDeviceGetCurrentClocksThrottleReasons", clock_reasons);
  }
  find(library_, "nvmlDeviceGetEccMode", ecc_mode);
  find(library_, "nvmlDeviceGetTotalEccErrors", ecc_errors);
  find(library_, "nvmlDeviceGetRetiredPagesPendingStatus", retired_pages_pending);
  find(library_, "nvmlDeviceGetRemappedRows", remapped_rows);
  find(library_, "nvmlDeviceGetMaxMigDeviceCount", most_instances);
  find(library_, "nvmlDeviceGetMigDeviceHandleByIndex", instance);
  find(library_, "nvmlDeviceGetDeviceHandleFromMigDeviceHandle", parent);
  find(library_, "nvmlDeviceGetAttributes_v2", attributes);
  find(library_, "nvmlDeviceGetGpuInstanceId", gpu_instance);
  find(library_, "nvmlDeviceGetComputeInstanceId", compute_instance);
  find(library_, "nvmlEventSetCreate", event_set_create);
  find(library_, "nvmlEventSetFree", event_set_free);
  find(library_, "nvmlDeviceRegisterEvents", register_events);
  find(library_, "nvmlEventSetWait_v2", event_set_wait);
  find(library_, "nvmlDeviceGetSupportedEventTypes", supported_events);
}

std::string Library::find_all() {
  find_what_changes();
  find(library_, "nvmlSystemGetCudaDriverVersion_v2", cuda_version);
  find(library_, "nvmlDeviceGetCudaComputeCapability", capability);
  find(library_, "nvmlDeviceGetMaxClockInfo", max_clock);
  find(library_, "nvmlDeviceGetMemoryBusWidth", bus_width);
  find(library_, "nvmlDeviceGetPowerManagementLimit", power_limit);
  find(library_, "nvmlDeviceGetMaxPcieLinkGeneration", pcie_generation);
  find(library_, "nvmlDeviceGetMaxPcieLinkWidth", pcie_lanes);
  find(library_, "nvmlDeviceGetNvLinkState", nvlink_state);
  find(library_, "nvmlDeviceGetMigMode", mig_mode);
  find(library_, "nvmlDeviceGetComputeRunningProcesses_v3", processes);
  scripted_ = ::dlsym(library_, kScriptedMark) != nullptr;
  if (!find(library_, "nvmlInit_v2", init_)) return "nvmlInit_v2";
  if (!find(library_, "nvmlShutdown", shutdown_)) return "nvmlShutdown";
  if (!find(library_, "nvmlSystemGetDriverVersion", driver_version)) {
    return "nvmlSystemGetDriverVersion";
  }
  if (!find(library_, "nvmlDeviceGetCount_v2", count)) return "nvmlDeviceGetCount_v2";
  if (!find(library_, "nvmlDeviceGetHandleByIndex_v2", handle)) {
    return "nvmlDeviceGetHandleByIndex_v2";
  }
  if (!find(library_, "nvmlDeviceGetName", name)) return "nvmlDeviceGetName";
  if (!find(library_, "nvmlDeviceGetUUID", uuid)) return "nvmlDeviceGetUUID";
  if (!find(library_, "nvmlDeviceGetMemoryInfo", memory)) return "nvmlDeviceGetMemoryInfo";
  if (!find(library_, "nvmlDeviceGetPciInfo_v3", pci_info)) return "nvmlDeviceGetPciInfo_v3";
  return "";
}

base::Result<std::unique_ptr<Library>> Library::open(const std::string& file) {
  void* loaded = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (loaded == nullptr) {
    return base::Error{base::Code::not_found, "There is no " + file + ".",
                       "Install NVIDIA's driver if this machine has a card."};
  }
  std::unique_ptr<Library> out(new Library(loaded));
  std::string lacking = out->find_all();
  if (!lacking.empty()) {
    return does_not_work("its library has no " + lacking + ".", "Install driver 450 or newer.");
  }
  if (Return code = out->init_(); code != kSuccess) {
    return does_not_work(meaning(code) + ".",
                         "Run nvidia-smi and repair what it says; often a reboot is due.");
  }
  out->running_ = true;
  return out;
}

Library::~Library() {
  if (running_) shutdown_();
  ::dlclose(library_);
}

}  // namespace obelisk::nvml
