// What a database did since it was opened: for who looks at the market from outside.
#pragma once

#include <cstdint>

#include "base/histogram.hpp"

namespace obelisk::ports {

struct StoreFigures {
  std::uint64_t writes = 0;   // on disk
  std::uint64_t commits = 0;  // transactions that they shared
  std::uint64_t errors = 0;   // not taken; conflicts are not among them
  base::Histogram write_times;
};

}  // namespace obelisk::ports
