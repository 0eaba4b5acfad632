// LeaseRecord: what this host must know to find a lease again after it was killed at any
// instruction. One small JSON file in the lease's directory, replaced whole. It never holds a
// secret.
#pragma once

#include <string>

#include "adapters/podman/slot.hpp"
#include "base/result.hpp"
#include "ports/containers.hpp"

namespace obelisk::podman {

// preparing: start() has not returned; nobody was told of it, so it may be thrown away.
// started: start() returned. wiping: wipe() began; nothing but ending it is possible.
enum class Stage { preparing, started, wiping };

struct LeaseRecord {
  Stage stage = Stage::preparing;
  ports::ContainerSpec spec;  // without the keys, which are a file of their own
  Slot slot;
  std::string host_key;  // the public line
};

std::string record_text(const LeaseRecord& record);
base::Result<LeaseRecord> parse_record(std::string_view text);

}  // namespace obelisk::podman
