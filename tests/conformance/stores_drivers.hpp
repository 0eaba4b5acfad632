// The Stores that every suite about them runs over: in memory, on SQLite, on a PostgreSQL server
// that the tests start. It must never know which port of them a suite is about.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "ports/stores.hpp"

namespace obelisk::conformance {

struct StoresDriver {
  const char* name;
  // Empty ones, which live as long as the returned object; null where they could not be made.
  std::function<std::shared_ptr<ports::Stores>()> make;
};

std::vector<StoresDriver> stores_drivers();

}  // namespace obelisk::conformance
