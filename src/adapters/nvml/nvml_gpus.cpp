#include "adapters/nvml/nvml_gpus.hpp"

#include <algorithm>
#include <array>
#include <tuple>

#include "adapters/nvml/instances.hpp"
#include "adapters/nvml/library.hpp"
#include "adapters/nvml/texts.hpp"

namespace obelisk::nvml {

namespace {

constexpr unsigned kMaxCards = 64;
constexpr unsigned kMaxProcesses = 256;

std::optional<std::uint32_t> number_of(NumberFn* function, Device* card) {
  unsigned value = 0;
  if (function == nullptr || function(card, &value) != kSuccess || value == 0) return std::nullopt;
  return value;
}

std::optional<std::uint32_t> clock_of(ClockFn* function, Device* card, unsigned which) {
  unsigned value = 0;
  if (function == nullptr || function(card, which, &value) != kSuccess || value == 0) {
    return std::nullopt;
  }
  return value;
}

// A card without NVLink says so of its first link; after its last one it knows no further.
std::optional<std::uint32_t> links_of(LinkFn* function, Device* card) {
  if (function == nullptr) return std::nullopt;
  std::uint32_t active = 0;
  for (unsigned link = 0; link < kMaxLinks; ++link) {
    unsigned is_active = 0;
    const Return code = function(card, link, &is_active);
    if (code == kNotSupported || (code == kInvalidArgument && link != 0)) break;
    if (code != kSuccess) return std::nullopt;
    active += is_active != 0 ? 1 : 0;
  }
  return active;
}

std::optional<int> capability_of(CapabilityFn* function, Device* card) {
  int major = 0;
  int minor = 0;
  if (function == nullptr || function(card, &major, &minor) != kSuccess) return std::nullopt;
  if (major < 1 || major > 99 || minor < 0 || minor > 9) return std::nullopt;
  return major * 10 + minor;
}

std::vector<int> processes_of(ProcessesFn* function, Device* card) {
  std::vector<int> out;
  if (function == nullptr) return out;
  std::array<ProcessInfo, kMaxProcesses> infos{};
  unsigned count = kMaxProcesses;
  if (function(card, &count, infos.data()) != kSuccess) return out;
  for (unsigned i = 0; i < std::min(count, kMaxProcesses); ++i) {
    out.push_back(static_cast<int>(infos[i].pid));
  }
  return out;
}

// What it shares with the whole is the whole's. Nothing where it does not say what it is.
std::optional<ports::Gpu> describe_instance(const Library& library, const Instance& instance,
                                            const ports::Gpu& whole) {
  Memory memory;
  if (library.memory(instance.handle, &memory) != kSuccess || memory.total == 0) return {};
  ports::Gpu out = whole;
  out.uuid = instance.uuid;
  out.parent_uuid = whole.uuid;
  out.gpu_instance = instance.gpu_instance;
  out.compute_instance = instance.compute_instance;
  out.name = whole.name + " MIG " + profile_of(instance, whole.memory_bytes);
  out.memory_bytes = memory.total;
  out.processes = processes_of(library.processes, instance.handle);
  out.is_cut = false;
  // These are of a whole card alone.
  out.memory_bus_bits.reset();
  out.power_limit_mw.reset();
  out.nvlink_links.reset();
  return out;
}

std::vector<Instance> parts_of(const Library& library, unsigned index, const ports::Gpu& whole) {
  Device* card = nullptr;
  if (!whole.is_cut || library.handle(index, &card) != kSuccess) return {};
  return instances_of(library, card);
}

// Nothing if the card does not say who it is: it may have fallen off the bus.
std::optional<ports::Gpu> describe(const Library& library, unsigned index) {
  Device* card = nullptr;
  if (library.handle(index, &card) != kSuccess) return std::nullopt;
  ports::Gpu gpu;
  gpu.uuid = text_of(library.uuid, card);
  gpu.name = text_of(library.name, card);
  Memory memory;
  PciInfo pci;
  if (library.memory(card, &memory) != kSuccess || memory.total == 0 ||
      library.pci_info(card, &pci) != kSuccess || !is_card_uuid(gpu.uuid) || gpu.name.empty()) {
    return std::nullopt;
  }
  gpu.memory_bytes = memory.total;
  gpu.pci_bus_id = cleaned(std::to_array(pci.bus_id));
  gpu.compute_capability = capability_of(library.capability, card);
  gpu.max_sm_mhz = clock_of(library.max_clock, card, kClockSm);
  gpu.max_memory_mhz = clock_of(library.max_clock, card, kClockMemory);
  gpu.memory_bus_bits = number_of(library.bus_width, card);
  gpu.power_limit_mw = number_of(library.power_limit, card);
  gpu.pcie_generation = number_of(library.pcie_generation, card);
  gpu.pcie_lanes = number_of(library.pcie_lanes, card);
  gpu.nvlink_links = links_of(library.nvlink_state, card);
  gpu.is_cut = is_cut(library, card);
  gpu.processes = processes_of(library.processes, card);
  gpu.simulated = library.scripted();
  return gpu;
}

}  // namespace

NvmlGpus::NvmlGpus(NvmlOptions options) : options_(std::move(options)) {}
NvmlGpus::~NvmlGpus() = default;

base::Result<std::vector<ports::Gpu>> NvmlGpus::list() {
  std::lock_guard guard(mutex_);
  if (!library_) {
    auto opened = Library::open(options_.library);
    bool by_path = options_.library.find('/') != std::string::npos;
    if (!opened && opened.error().code == base::Code::not_found && !by_path) {
      return std::vector<ports::Gpu>{};
    }
    if (!opened) return std::move(opened).error();
    library_ = *std::move(opened);
  }
  auto cards = read(*library_);
  // The next call starts over: a driver that was updated or came back needs a new beginning.
  if (!cards) library_.reset();
  return cards;
}

base::Result<std::vector<ports::Gpu>> NvmlGpus::read(const Library& library) const {
  unsigned count = 0;
  if (Return code = library.count(&count); code != kSuccess) {
    return base::Error{
        base::Code::missing_dependency,
        "NVIDIA's driver does not say how many cards there are: " + meaning(code) + ".",
        "Run nvidia-smi and repair what it says."};
  }
  std::array<char, kRoomBytes> driver{};
  bool known = library.driver_version(driver.data(), kDriverVersionBytes) == kSuccess;
  driver[kDriverVersionBytes - 1] = '\0';
  int cuda = 0;
  bool cuda_known = library.cuda_version != nullptr && library.cuda_version(&cuda) == kSuccess;
  std::vector<ports::Gpu> out;
  for (unsigned index = 0; index < std::min(count, kMaxCards); ++index) {
    auto gpu = describe(library, index);
    if (!gpu) {
      if (options_.log)
        options_.log("card " + std::to_string(index) + " does not answer: left out");
      continue;
    }
    gpu->driver_version = known ? cleaned(driver) : "";
    gpu->cuda_version = cuda_known && cuda > 0 ? cuda : 0;
    out.push_back(*gpu);
    for (const Instance& instance : parts_of(library, index, *gpu)) {
      if (auto part = describe_instance(library, instance, *gpu)) out.push_back(*std::move(part));
    }
  }
  const auto place = [](const ports::Gpu& gpu) {
    return std::tuple(gpu.pci_bus_id, !gpu.parent_uuid.empty(), gpu.gpu_instance,
                      gpu.compute_instance);
  };
  std::ranges::sort(out, {}, place);
  return out;
}

}  // namespace obelisk::nvml
