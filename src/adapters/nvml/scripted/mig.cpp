// The instances that a scripted card is cut into. Left out, as by an old driver, with
// OBELISK_NVML_MINIMAL.
#ifndef OBELISK_NVML_MINIMAL

#include "adapters/nvml/scripted/state.hpp"

namespace obelisk::nvml::scripted {

namespace {

// Runs `body` on the instance; a whole card is none.
template <class Body>
Return on_instance(const char* function, Device* device, Body body) {
  return on_card(function, device, [&](const Card&) {
    const Instance* instance = instance_of(device);
    return instance == nullptr ? kInvalidArgument : body(*instance);
  });
}

std::size_t place_of(const Card& card) {
  return static_cast<std::size_t>(&card - state().script.cards.data());
}

}  // namespace

// The names are NVIDIA's.
// NOLINTBEGIN(readability-identifier-naming)
extern "C" {

Return nvmlDeviceGetMaxMigDeviceCount(Device* device, unsigned* out) {
  constexpr unsigned kMost = 7;
  return on_whole("nvmlDeviceGetMaxMigDeviceCount", device, [&](const Card& card) {
    *out = card.cut ? kMost : 0;
    return kSuccess;
  });
}

// The first place is empty, as it is where an instance was removed.
Return nvmlDeviceGetMigDeviceHandleByIndex(Device* device, unsigned index, Device** out) {
  return on_whole("nvmlDeviceGetMigDeviceHandleByIndex", device, [&](const Card& card) {
    if (index == 0 || index > card.instances.size()) return kNotFound;
    *out = handle_of(place_of(card), index - 1);
    return kSuccess;
  });
}

Return nvmlDeviceGetDeviceHandleFromMigDeviceHandle(Device* device, Device** out) {
  return on_card("nvmlDeviceGetDeviceHandleFromMigDeviceHandle", device, [&](const Card& card) {
    if (instance_of(device) == nullptr) return kInvalidArgument;
    *out = handle_of(place_of(card));
    return kSuccess;
  });
}

Return nvmlDeviceGetAttributes_v2(Device* device, Attributes* out) {
  return on_instance("nvmlDeviceGetAttributes_v2", device, [&](const Instance& instance) {
    *out = Attributes{};
    out->gpu_slices = instance.gpu_slices;
    out->compute_slices = instance.compute_slices;
    out->memory_mib = instance.memory_mib;
    return kSuccess;
  });
}

Return nvmlDeviceGetGpuInstanceId(Device* device, unsigned* out) {
  return on_instance("nvmlDeviceGetGpuInstanceId", device, [&](const Instance& instance) {
    *out = instance.gpu_instance;
    return kSuccess;
  });
}

Return nvmlDeviceGetComputeInstanceId(Device* device, unsigned* out) {
  return on_instance("nvmlDeviceGetComputeInstanceId", device, [&](const Instance&) {
    *out = 0;
    return kSuccess;
  });
}

}  // extern "C"
// NOLINTEND(readability-identifier-naming)

}  // namespace obelisk::nvml::scripted

#endif
