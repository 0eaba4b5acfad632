// ListPlace: where a page of a list ended that is ordered by a time, newest first, and then by a
// name. It names values, never a position, so that what is added or goes meanwhile moves nothing.
#pragma once

#include <string>

#include "base/time.hpp"

namespace obelisk::ports {

struct ListPlace {
  base::UnixMillis at_ms = 0;
  std::string name;

  bool operator==(const ListPlace&) const = default;
};

}  // namespace obelisk::ports
