// Cdi: sees to it that podman knows this machine's cards by their UUIDs. Where somebody else's
// specification names them (nvidia-ctk writes such), that one serves; else we write our own, of
// what the running driver has. It must never leave two specifications that name one card: podman
// would know neither.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "ports/gpus.hpp"

namespace obelisk::podman {

struct CdiPlaces {
  std::string proc = "/proc";
  std::string dev = "/dev";
  // Where podman looks for specifications; ours is below the last.
  std::vector<std::string> specifications{"/etc/cdi", "/run/cdi"};
  std::vector<std::string> libraries{"/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib",
                                     "/usr/lib/x86_64-linux-gnu/nvidia/current"};
  std::string programs = "/usr/bin";
};

struct CdiFound {
  std::string file;      // the specification that serves
  bool is_ours = false;  // written, or written before
};

// Of the real cards among these, and of the instances of cut ones; simulated ones have no nodes and
// need none. missing_dependency says what is not there: device nodes, the driver's libraries, or
// files that somebody else's specification still names after the driver changed. With no card it
// does nothing.
base::Result<CdiFound> ensure_cdi(const std::vector<ports::Gpu>& seen,
                                  const CdiPlaces& places = {});

}  // namespace obelisk::podman
