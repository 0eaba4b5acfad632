// Stores: all that the market remembers over a restart, one port a subject, over one database. What
// opens a database hands out all of them, so that they are in one file, one backup, one server.
#pragma once

#include <memory>

#include "ports/store.hpp"

namespace obelisk::ports {

struct Stores {
  std::unique_ptr<Store> leases;
};

}  // namespace obelisk::ports
