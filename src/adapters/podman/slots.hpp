// Slots: who holds which slot on this machine. Each held slot is a file in RUN/slots that names the
// lease's directory; it counts as held as long as that directory has a record. So a killed program
// loses nothing and a deleted state frees its slots. Every look and change happens under one lock
// of the whole machine: it must never be held while something slow runs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "adapters/podman/files.hpp"
#include "adapters/podman/slot.hpp"
#include "base/result.hpp"

namespace obelisk::podman {

// Held while it lives; other programs of ours on this machine wait for it.
class MachineLock {
 public:
  static base::Result<MachineLock> take(const std::string& run_dir);

 private:
  explicit MachineLock(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

class Slots {
 public:
  // `machine` is put before the paths at which interfaces and namespaces are looked for.
  explicit Slots(std::string run_dir, std::string machine = "")
      : dir_(std::move(run_dir) + "/slots"), machine_(std::move(machine)) {}

  // Takes a free slot for the lease in `lease_dir`: none whose interface is among the sorted
  // `interfaces_in_use`. The caller writes the record before it lets go of the lock; until then the
  // slot would count as left over.
  base::Result<Slot> take(const MachineLock& lock, const std::string& lease_dir,
                          const std::vector<Network>& networks_in_use,
                          const std::vector<std::string>& interfaces_in_use) const;
  // Notes again that the lease holds this slot, after a reboot emptied RUN. conflict if another
  // lease has it.
  base::Result<void> hold(const MachineLock& lock, std::uint32_t number,
                          const std::string& lease_dir) const;
  // Gives it back if it is that lease's; otherwise nothing happens.
  base::Result<void> release(const MachineLock& lock, std::uint32_t number,
                             const std::string& lease_dir) const;
  // The slot whose file names this lease, even if its record is gone: as long as the file does,
  // nobody else took the slot, and what carries its number is that lease's.
  base::Result<std::optional<std::uint32_t>> named_for(const MachineLock& lock,
                                                       const std::string& lease_dir) const;
  // The lease directories of every program of ours on this machine.
  base::Result<std::vector<std::string>> holders(const MachineLock& lock) const;

 private:
  base::Result<std::vector<std::uint32_t>> numbers() const;
  std::string path_of(std::uint32_t number) const;
  // The lease directory that holds it, or "" where it is free.
  std::string holder_of(std::uint32_t number) const;

  std::string dir_;
  std::string machine_;
};

}  // namespace obelisk::podman
