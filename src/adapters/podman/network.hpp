// LeaseNetwork: one network namespace per lease and a pair of interfaces into it. Made by the host,
// so the lease's root can use it and not change it. It must never touch an interface or a namespace
// that is not named after a slot of ours.
#pragma once

#include <vector>

#include "adapters/podman/ipv4.hpp"
#include "adapters/podman/slot.hpp"
#include "base/result.hpp"

namespace obelisk::podman {

// What `ip -batch` is told on the host's side and inside.
std::string host_side_commands(const Slot& slot);
std::string lease_side_commands(const Slot& slot);

std::string namespace_path(const Slot& slot);
// Makes it, after removing what an earlier attempt left of this very slot.
base::Result<void> make_network(const Slot& slot);
// Whether its interface on this machine's side is there, by which rules know it.
bool network_is_there(const Slot& slot);
base::Result<void> remove_network(const Slot& slot);
// Lets this machine pass packets on (net.ipv4.ip_forward), which leases need to reach the world.
base::Result<void> enable_forwarding();
// What `ip -j -4 route show table all` says.
base::Result<std::string> routes_json();

}  // namespace obelisk::podman
