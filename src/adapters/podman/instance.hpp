// Instance: one state directory's share of this machine: its lock, directories, slots, firewall
// table, podman service, and the records of its leases. It finds all of it again after a crash, and
// leaves nothing when the last lease is gone. It must never act for a state that another process
// holds.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "adapters/podman/files.hpp"
#include "adapters/podman/layout.hpp"
#include "adapters/podman/libpod.hpp"
#include "adapters/podman/podman_containers.hpp"
#include "adapters/podman/record.hpp"
#include "adapters/podman/service.hpp"
#include "adapters/podman/slots.hpp"
#include "base/result.hpp"

namespace obelisk::podman {

class Instance {
 public:
  // Takes the state directory (conflict if another process has it), then sweeps.
  static base::Result<std::unique_ptr<Instance>> open(const PodmanOptions& options);
  ~Instance();
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  const Layout& layout() const { return layout_; }
  Libpod& libpod() { return *libpod_; }
  const std::vector<std::uint32_t>& resolvers() const { return resolvers_; }

  // Finds a slot and room for a new lease and writes its first record. conflict if a card of it is
  // in another lease; missing_dependency if the disk does not fit.
  base::Result<LeaseRecord> reserve(const ports::ContainerSpec& spec,
                                    const std::string& host_key_line);
  // Nothing where this instance has no such lease.
  base::Result<std::optional<LeaseRecord>> find(const std::string& lease) const;
  base::Result<void> save(const LeaseRecord& record) const;
  // Names of all leases that left anything in the state directory.
  base::Result<std::vector<std::string>> leases() const;

  // Makes sure that its slot is still its own; conflict if a reboot gave it to another lease.
  base::Result<void> hold(const LeaseRecord& record) const;
  // Puts the lease behind the firewall; before its network is up.
  base::Result<void> admit(const Slot& slot);
  // Ends and removes everything of the lease; safe to repeat from any half-way point.
  base::Result<void> destroy(LeaseRecord record);
  // The same for a lease whose record is damaged or gone, by what else is known of it.
  base::Result<void> destroy_remains(const std::string& lease);
  std::string cgroup_parent() const;
  void log(const std::string& line) const;
  // Right before a change of the machine.
  void before(std::string_view what) const;

 private:
  Instance(const PodmanOptions& options, Layout layout);
  base::Result<void> prepare();
  base::Result<void> take_state_lock();
  void sweep();
  base::Result<void> sweep_lease(const std::string& lease);
  void sweep_strangers();
  // What the rules are to say of a lease: nothing where they need say nothing of it.
  base::Result<std::optional<Slot>> slot_in_rules(const std::string& lease) const;
  base::Result<void> load_firewall(const std::string& without = "");
  base::Result<void> dismiss(const LeaseRecord& record);
  base::Result<void> check_room(const MachineLock& lock, const ports::ContainerSpec& spec) const;
  base::Result<void> leave_nothing();

  Layout layout_;
  std::uint64_t reserve_bytes_;
  std::vector<std::string> resolver_texts_;
  std::vector<std::uint32_t> resolvers_;
  std::function<void(std::string_view)> log_;
  std::function<void(std::string_view)> before_;
  UniqueFd state_lock_;
  Slots slots_;
  std::mutex firewall_mutex_;
  std::unique_ptr<Service> service_;
  std::unique_ptr<Libpod> libpod_;
};

}  // namespace obelisk::podman
