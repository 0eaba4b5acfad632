// Execute: one command in a lease that runs, by runc, in a control group of its own inside the
// lease's: with its limits, seccomp and namespaces, and so that all of it can be ended. It must
// never leave a process of the command behind, nor read a shell's syntax.
//
// The lease's network belongs to the host, so that its root cannot change it. runc enters the
// lease's user namespace first and may not enter that network from there: it is started inside the
// network, with a copy of what it noted of the container in which no network is to be entered.
#pragma once

#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "ports/living.hpp"

namespace obelisk::podman {

struct ExecutePlace {
  std::string container_id;
  int pid = 0;          // the lease's first process
  std::string network;  // the path of its network namespace
  std::string scratch;  // a directory of ours, for files that live as long as the command
  std::map<std::string, std::string> environment;  // beside the container's own
};

base::Result<ports::CommandEnd> execute(const ExecutePlace& place, const ports::Command& command,
                                        const std::stop_token& stop);

// Ends what commands of an earlier process of ours left in a lease when it was killed, and their
// files. `pid`: the lease's first process.
void end_left_commands(int pid, const std::string& scratch);

// runc's notes of a container, less the network it would enter; nothing where they are none.
std::optional<std::string> without_network(std::string_view notes);
// Cuts both to so many bytes together; what a program says is wrong has a quarter for sure.
void cut(ports::CommandEnd& end, std::size_t max_bytes);

}  // namespace obelisk::podman
