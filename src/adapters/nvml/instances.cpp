#include "adapters/nvml/instances.hpp"

#include <algorithm>
#include <optional>

#include "adapters/nvml/texts.hpp"

namespace obelisk::nvml {
namespace {

// NVIDIA cuts no card into more than seven; each could be shared out seven times.
constexpr unsigned kMostInstances = 49;
constexpr unsigned kMostNumber = 1000;
constexpr std::uint64_t kMib = 1 << 20;
constexpr std::uint64_t kGib = 1 << 30;
constexpr std::uint64_t kParts = 8;

std::optional<Instance> describe(const Library& library, Device* handle) {
  Instance out;
  out.handle = handle;
  out.uuid = text_of(library.uuid, handle);
  if (!is_instance_uuid(out.uuid) || library.gpu_instance(handle, &out.gpu_instance) != kSuccess ||
      library.compute_instance(handle, &out.compute_instance) != kSuccess ||
      library.attributes(handle, &out.attributes) != kSuccess || out.gpu_instance > kMostNumber ||
      out.compute_instance > kMostNumber) {
    return std::nullopt;
  }
  return out;
}

}  // namespace

bool is_cut(const Library& library, Device* card) {
  unsigned now = 0;
  unsigned later = 0;
  return library.mig_mode != nullptr && library.mig_mode(card, &now, &later) == kSuccess &&
         now == kMigOn;
}

std::vector<Instance> instances_of(const Library& library, Device* card) {
  std::vector<Instance> out;
  unsigned most = 0;
  if (library.most_instances == nullptr || library.instance == nullptr ||
      library.attributes == nullptr || library.gpu_instance == nullptr ||
      library.compute_instance == nullptr || library.most_instances(card, &most) != kSuccess) {
    return out;
  }
  // Places between others may be empty.
  for (unsigned place = 0; place < std::min(most, kMostInstances); ++place) {
    Device* handle = nullptr;
    if (library.instance(card, place, &handle) != kSuccess || handle == nullptr) continue;
    if (auto instance = describe(library, handle)) out.push_back(*std::move(instance));
  }
  return out;
}

std::string profile_of(const Instance& instance, std::uint64_t whole_memory_bytes) {
  const Attributes& has = instance.attributes;
  const std::uint64_t whole_mib = std::max(whole_memory_bytes / kMib, std::uint64_t{1});
  const std::uint64_t mib = std::min<std::uint64_t>(has.memory_mib, whole_mib);
  const std::uint64_t eighths = (mib * kParts + whole_mib - 1) / whole_mib;
  const std::uint64_t whole_gib = (whole_memory_bytes + kGib - 1) / kGib;
  const std::uint64_t gib = (whole_gib * eighths + kParts / 2) / kParts;
  std::string out;
  if (has.compute_slices != has.gpu_slices) out = std::to_string(has.compute_slices) + "c.";
  return out + std::to_string(has.gpu_slices) + "g." + std::to_string(gib) + "gb";
}

}  // namespace obelisk::nvml
