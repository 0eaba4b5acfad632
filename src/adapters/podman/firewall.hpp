// Firewall: what leases may reach. One nft table per instance, named after it, with its leases in
// sets, so that instances on one machine do not see each other. A lease reaches the world, the
// resolvers and nothing of this machine, its neighbours or other leases. It must never change a
// table it did not make.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/podman/ipv4.hpp"
#include "adapters/podman/slot.hpp"
#include "base/result.hpp"

namespace obelisk::podman {

struct FirewallPlan {
  std::string table;  // "obelisk_1a2b3c4d"
  std::vector<Slot> leases;
  std::vector<Network> neighbours;       // on this machine's own links: closed
  std::vector<std::uint32_t> resolvers;  // DNS only, open even when they are neighbours
};

// The whole table as one transaction: whatever was there of it before is replaced.
std::string firewall_text(const FirewallPlan& plan);
std::string admit_text(const std::string& table, const Slot& slot);
std::string dismiss_text(const std::string& table, const Slot& slot);

// Gives `text` to `nft -f -`, which takes all of it or nothing.
base::Result<void> apply_rules(const std::string& text);
base::Result<void> remove_table(const std::string& table);

// The interfaces that the tables of other hosts on this machine name, sorted. A host that was
// killed and whose state was deleted leaves its table behind, and its rules would hold for whoever
// gets such an interface next.
base::Result<std::vector<std::string>> interfaces_of_others(const std::string& own_table);
// What `nft -j list tables inet` says: the names of hosts' tables.
base::Result<std::vector<std::string>> tables_of_hosts(std::string_view json);
// What `nft -j list set` says, of a set of names.
base::Result<std::vector<std::string>> names_in_set(std::string_view json);

}  // namespace obelisk::podman
