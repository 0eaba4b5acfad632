// Instances: the parts a cut card (MIG) computes in. Each has memory and processors of its own, and
// a UUID by which CUDA and containers know it.
#pragma once

#include <string>
#include <vector>

#include "adapters/nvml/library.hpp"

namespace obelisk::nvml {

struct Instance {
  Device* handle = nullptr;
  std::string uuid;
  unsigned gpu_instance = 0;
  unsigned compute_instance = 0;
  Attributes attributes;
};

// Whether MIG is on.
bool is_cut(const Library& library, Device* card);
// Of a cut card; one that does not say its UUID, numbers and attributes is left out.
std::vector<Instance> instances_of(const Library& library, Device* card);

// "1g.10gb" as NVIDIA names what it was cut by: slices, and the share of the whole card's memory in
// eighths, rounded up. With "1c." before it where the processors of the instance are shared out
// further: then its memory is not its own.
std::string profile_of(const Instance& instance, std::uint64_t whole_memory_bytes);

}  // namespace obelisk::nvml
