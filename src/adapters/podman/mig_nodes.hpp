// MigNodes: the capability files by which the driver lets somebody into an instance of a cut card:
// one of the GPU instance, one of the compute instance in it. As NVIDIA's MIG User Guide describes
// them ("Device Nodes and Capabilities"): below /proc/driver/nvidia/capabilities, each naming the
// number of its node below /dev/nvidia-caps. Whoever has the nodes has the instance, and no other.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace obelisk::podman {

// An instance by numbers: of the card's node, of the GPU instance, of the compute instance.
struct MigPlace {
  std::string card_minor;
  unsigned gpu_instance = 0;
  unsigned compute_instance = 0;
};

// The nodes of an instance below `dev`, both. missing_dependency where the driver has no such
// instance, or a node was not made.
base::Result<std::vector<std::string>> mig_nodes(const MigPlace& place, const std::string& proc,
                                                 const std::string& dev);

// What a capability's node is for; of a GPU instance without the last.
struct MigCapability {
  std::string card_minor;
  std::string gpu_instance;
  std::optional<std::string> compute_instance;
};

// All of the driver's, by the number of their nodes as text.
std::map<std::string, MigCapability> mig_capabilities(const std::string& proc);

}  // namespace obelisk::podman
