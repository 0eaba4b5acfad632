// libnvidia-ml-scripted.so: NVIDIA's functions, answered from the script that the environment
// variable OBELISK_NVML_SCRIPT names. It exports a mark by which our own loader knows it, so that
// no card of it can pass for a real one. With OBELISK_NVML_MINIMAL it leaves out the newer
// functions, as an old driver would. What a card does now is in live.cpp.
#include <algorithm>

#include "adapters/nvml/nvml_abi.hpp"
#include "adapters/nvml/scripted/state.hpp"

namespace obelisk::nvml::scripted {

// The names are NVIDIA's.
// NOLINTBEGIN(readability-identifier-naming)
extern "C" {

int obelisk_nvml_is_scripted() { return 1; }

Return nvmlInit_v2() {
  std::lock_guard guard(state().mutex);
  if (Return code = reload(); code != kSuccess) return code;
  if (Return code = scripted_failure("nvmlInit_v2"); code != kSuccess) return code;
  if (state().users++ == 0) begin();
  return kSuccess;
}

Return nvmlShutdown() {
  std::lock_guard guard(state().mutex);
  --state().users;
  return kSuccess;
}

Return nvmlSystemGetDriverVersion(char* out, unsigned size) {
  std::lock_guard guard(state().mutex);
  return put_text("nvmlSystemGetDriverVersion", state().script.driver, out, size);
}

Return nvmlDeviceGetCount_v2(unsigned* out) {
  std::lock_guard guard(state().mutex);
  if (Return code = reload(); code != kSuccess) return code;
  *out = static_cast<unsigned>(state().script.cards.size());
  return scripted_failure("nvmlDeviceGetCount_v2");
}

Return nvmlDeviceGetHandleByIndex_v2(unsigned index, Device** out) {
  std::lock_guard guard(state().mutex);
  if (index >= state().script.cards.size()) return kInvalidArgument;
  *out = handle_of(index);
  return scripted_failure("nvmlDeviceGetHandleByIndex_v2");
}

Return nvmlDeviceGetName(Device* device, char* out, unsigned size) {
  return on_card("nvmlDeviceGetName", device, [&](const Card& card) {
    return put_text("nvmlDeviceGetName", card.name, out, size);
  });
}

Return nvmlDeviceGetUUID(Device* device, char* out, unsigned size) {
  return on_card("nvmlDeviceGetUUID", device, [&](const Card& card) {
    const Instance* part = instance_of(device);
    return put_text("nvmlDeviceGetUUID", part == nullptr ? card.uuid : part->uuid, out, size);
  });
}

Return nvmlDeviceGetMemoryInfo(Device* device, Memory* out) {
  return on_card("nvmlDeviceGetMemoryInfo", device, [&](const Card& card) {
    const std::uint64_t used = figure_of(card, "used_mib").value_or(0) << 20;
    const Instance* part = instance_of(device);
    const std::uint64_t total = part == nullptr ? card.memory_bytes : part->memory_mib << 20;
    *out = {total, total - std::min(used, total), used};
    return kSuccess;
  });
}

Return nvmlDeviceGetPciInfo_v3(Device* device, PciInfo* out) {
  return on_card("nvmlDeviceGetPciInfo_v3", device, [&](const Card& card) {
    *out = PciInfo{};
    return put_text("nvmlDeviceGetPciInfo_v3", card.bus_id, out->bus_id, sizeof out->bus_id);
  });
}

#ifndef OBELISK_NVML_MINIMAL

Return nvmlSystemGetCudaDriverVersion_v2(int* out) {
  std::lock_guard guard(state().mutex);
  *out = state().script.cuda;
  return scripted_failure("nvmlSystemGetCudaDriverVersion_v2");
}

Return nvmlDeviceGetCudaComputeCapability(Device* device, int* major, int* minor) {
  return on_whole("nvmlDeviceGetCudaComputeCapability", device, [&](const Card& card) {
    if (card.capability == 0) return kNotSupported;
    *major = static_cast<int>(card.capability / 10);
    *minor = static_cast<int>(card.capability % 10);
    return kSuccess;
  });
}

Return nvmlDeviceGetMaxClockInfo(Device* device, unsigned which, unsigned* out) {
  return on_whole("nvmlDeviceGetMaxClockInfo", device, [&](const Card& card) {
    if (which == kClockSm) return put_number(card.sm_mhz, out);
    return which == kClockMemory ? put_number(card.memory_mhz, out) : kInvalidArgument;
  });
}

Return nvmlDeviceGetMemoryBusWidth(Device* device, unsigned* out) {
  return on_whole("nvmlDeviceGetMemoryBusWidth", device,
                  [&](const Card& card) { return put_number(card.bus_bits, out); });
}

Return nvmlDeviceGetPowerManagementLimit(Device* device, unsigned* out) {
  return on_whole("nvmlDeviceGetPowerManagementLimit", device,
                  [&](const Card& card) { return put_number(card.power_mw, out); });
}

Return nvmlDeviceGetMaxPcieLinkGeneration(Device* device, unsigned* out) {
  return on_whole("nvmlDeviceGetMaxPcieLinkGeneration", device,
                  [&](const Card& card) { return put_number(card.pcie_generation, out); });
}

Return nvmlDeviceGetMaxPcieLinkWidth(Device* device, unsigned* out) {
  return on_whole("nvmlDeviceGetMaxPcieLinkWidth", device,
                  [&](const Card& card) { return put_number(card.pcie_lanes, out); });
}

Return nvmlDeviceGetNvLinkState(Device* device, unsigned link, unsigned* out) {
  return on_whole("nvmlDeviceGetNvLinkState", device, [&](const Card& card) {
    if (card.nvlinks == 0) return kNotSupported;
    if (link >= card.nvlinks) return kInvalidArgument;
    *out = 1;
    return kSuccess;
  });
}

Return nvmlDeviceGetMigMode(Device* device, unsigned* now, unsigned* later) {
  return on_whole("nvmlDeviceGetMigMode", device, [&](const Card& card) {
    *now = *later = card.cut ? kMigOn : 0;
    return kSuccess;
  });
}

Return nvmlDeviceGetComputeRunningProcesses_v3(Device* device, unsigned* count,
                                               ProcessInfo* infos) {
  return on_card("nvmlDeviceGetComputeRunningProcesses_v3", device, [&](const Card& card) {
    auto there = static_cast<unsigned>(card.processes.size());
    unsigned room = *count;
    *count = there;
    if (there > room) return kInsufficientSize;
    for (unsigned i = 0; i < there; ++i) infos[i] = ProcessInfo{card.processes[i], 0, 0, 0};
    return kSuccess;
  });
}

#endif

}  // extern "C"
// NOLINTEND(readability-identifier-naming)

}  // namespace obelisk::nvml::scripted
