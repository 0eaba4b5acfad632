// Library: libnvidia-ml.so.1 as loaded at run time. Without it there are no cards; without one of
// its newer functions there is one figure less. It must never be called through a pointer that was
// not found.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "adapters/nvml/nvml_abi.hpp"
#include "base/result.hpp"

namespace obelisk::nvml {

class Library {
 public:
  // not_found where there is no such library, missing_dependency where it lacks a function that a
  // card cannot be described without or refuses to start.
  static base::Result<std::unique_ptr<Library>> open(const std::string& file);
  ~Library();
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;

  // Needed.
  DriverVersionFn* driver_version = nullptr;
  CountFn* count = nullptr;
  HandleFn* handle = nullptr;
  TextFn* name = nullptr;
  TextFn* uuid = nullptr;
  MemoryFn* memory = nullptr;
  PciInfoFn* pci_info = nullptr;
  // May be null.
  CudaVersionFn* cuda_version = nullptr;
  CapabilityFn* capability = nullptr;
  ClockFn* max_clock = nullptr;
  NumberFn* bus_width = nullptr;
  NumberFn* power_limit = nullptr;
  NumberFn* pcie_generation = nullptr;
  NumberFn* pcie_lanes = nullptr;
  LinkFn* nvlink_state = nullptr;
  MigModeFn* mig_mode = nullptr;
  ProcessesFn* processes = nullptr;
  // What a card does now; may be null.
  HandleByUuidFn* handle_by_uuid = nullptr;
  UtilizationFn* utilization = nullptr;
  ChosenFn* temperature = nullptr;
  ChosenFn* temperature_threshold = nullptr;
  NumberFn* power_usage = nullptr;
  ClockFn* clock = nullptr;
  WordFn* clock_reasons = nullptr;
  StatePairFn* ecc_mode = nullptr;
  EccCountFn* ecc_errors = nullptr;
  NumberFn* retired_pages_pending = nullptr;
  RemappedRowsFn* remapped_rows = nullptr;
  // Instances of a cut card; may be null.
  NumberFn* most_instances = nullptr;
  ChildFn* instance = nullptr;
  ParentFn* parent = nullptr;
  AttributesFn* attributes = nullptr;
  NumberFn* gpu_instance = nullptr;
  NumberFn* compute_instance = nullptr;
  // Events; may be null.
  EventSetCreateFn* event_set_create = nullptr;
  EventSetFreeFn* event_set_free = nullptr;
  RegisterEventsFn* register_events = nullptr;
  EventSetWaitFn* event_set_wait = nullptr;
  WordFn* supported_events = nullptr;

  bool scripted() const { return scripted_; }

 private:
  explicit Library(void* handle) : library_(handle) {}
  // The name of the first needed function that is missing, or "".
  std::string find_all();
  void find_what_changes();

  void* library_;
  InitFn* init_ = nullptr;
  ShutdownFn* shutdown_ = nullptr;
  bool running_ = false;
  bool scripted_ = false;
};

// What the library's answer means, for people.
std::string meaning(Return code);

}  // namespace obelisk::nvml
