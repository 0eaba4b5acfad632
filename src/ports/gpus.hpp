// Gpus: what cards this machine has, as their driver says it. Strings come from drivers and are
// untrusted: adapters bound them and drop control characters.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace obelisk::ports {

struct Gpu {
  std::string uuid;  // "GPU-....", how containers and leases name the card
  std::string name;  // the driver's product name, for example "NVIDIA H100 80GB HBM3"
  std::uint64_t memory_bytes = 0;
  std::string pci_bus_id;
  std::string driver_version;
  int cuda_version = 0;                     // 12040 is 12.4; 0 unknown
  std::optional<int> compute_capability;    // 90 is 9.0
  std::optional<std::uint32_t> max_sm_mhz;  // clocks, where the driver tells
  std::optional<std::uint32_t> max_memory_mhz;
  std::optional<std::uint32_t> memory_bus_bits;
  std::optional<std::uint32_t> power_limit_mw;
  std::optional<std::uint32_t> pcie_generation;
  std::optional<std::uint32_t> pcie_lanes;
  std::optional<std::uint32_t> nvlink_links;  // active ones; 0 where the card has none
  std::vector<int> processes;                 // pids that use it now
  // MIG is on: it computes in its instances only, and not as a whole.
  bool is_cut = false;
  // Of an instance of a cut card, which is a card of its own here; its name is "<card> MIG 1g.10gb"
  // and its uuid "MIG-...". PCIe, clocks and driver are the cut card's.
  std::string parent_uuid;  // empty: it is no instance
  std::uint32_t gpu_instance = 0;
  std::uint32_t compute_instance = 0;
  bool simulated = false;  // from a script and not from a driver: its offers must say so
};

class Gpus {
 public:
  virtual ~Gpus() = default;
  // An empty list is an answer: a machine without cards. An error means the driver is there and
  // does not work.
  virtual base::Result<std::vector<Gpu>> list() = 0;
};

}  // namespace obelisk::ports
