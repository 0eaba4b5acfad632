// Living: what a renter and his host see and do of a lease that runs: its usage, its first
// process's words, commands and terminals in it. Any thread may call. It must never hold up the
// making or ending of a lease: it takes none of their locks.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "adapters/podman/instance.hpp"
#include "ports/living.hpp"
#include "ports/terminal.hpp"

namespace obelisk::podman {

class Living {
 public:
  // It runs, as this container.
  void know(const Instance& at, const std::string& lease, const PodmanContainer& container);
  // Of those that are known: podman is not asked, however often this is.
  base::Result<ports::Usage> usage(Instance& at, const std::string& lease);
  base::Result<std::string> last_output(Instance& at, const std::string& lease, std::size_t lines);
  base::Result<ports::CommandEnd> execute(Instance& at, const std::string& lease,
                                          const std::map<std::string, std::string>& environment,
                                          const ports::Command& command,
                                          const std::stop_token& stop);
  base::Result<std::unique_ptr<ports::Terminal>> open_terminal(
      Instance& at, const std::string& lease, const std::map<std::string, std::string>& environment,
      const ports::TerminalWish& wish);

 private:
  struct Process {
    std::string id;  // the container's
    int pid = 0;
  };
  class Turn;
  // Nothing where none is known, or it is not that process any more.
  std::optional<Process> known(const std::string& lease);
  // Asks podman where none is known.
  base::Result<Process> process_of(Instance& at, const std::string& lease);

  std::mutex mutex_;
  std::map<std::string, Process> known_;        // guarded by mutex_
  std::map<std::string, std::size_t> running_;  // commands by lease; guarded by mutex_
};

}  // namespace obelisk::podman
