// GpuNodes: whether a started container really has the cards it was promised, and no other. Podman
// has ways to drop a device silently, so nobody pays before we have looked.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace obelisk::podman {

// "GPU-..." of letters, digits and dashes, or "MIG-..." for instances of cut cards, not both; it
// becomes part of a device name ("all" would be one, too).
base::Result<void> check_gpu_uuids(const std::vector<std::string>& uuids);

// Which /dev/nvidia<N> each card is by its UUID, as the driver says it below /proc/driver/nvidia:
// the number as text.
std::map<std::string, std::string> gpu_minors(const std::string& proc_dir = "/proc");

// Looks at /dev of process `pid`, as the container sees it. `proc_dir` is /proc, whose
// driver/nvidia/gpus says which device number belongs to which card; without it only the number of
// cards is compared. Of instances the number is compared, and that each is whole and beside its
// card's node; which it is by name, the watch asks inside the lease.
base::Result<void> verify_gpus(int pid, const std::vector<std::string>& uuids,
                               const std::string& proc_dir = "/proc");

}  // namespace obelisk::podman
