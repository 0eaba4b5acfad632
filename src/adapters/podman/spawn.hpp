// Spawn: starts one program by posix_spawn with exactly the three files named, its own process
// group, default signals, and nothing else inherited. It must never search PATH or read a shell's
// syntax.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "adapters/podman/files.hpp"
#include "base/result.hpp"

namespace obelisk::podman {

struct SpawnRequest {
  std::string program;  // absolute path
  std::vector<std::string> argv;
  std::vector<std::string> environment;
  int input = -1;  // descriptors that become 0, 1 and 2
  int output = -1;
  int errors = -1;
  std::string directory = "/";  // where it starts
};

// The pid, which is also its process group. The caller waits for it.
base::Result<pid_t> spawn(const SpawnRequest& request);

// A descriptor that means this very process even after its number is used again; readable once it
// has ended. Not valid if there is no such process.
UniqueFd open_process(pid_t pid);
void signal_process(const UniqueFd& process, int signal);

}  // namespace obelisk::podman
