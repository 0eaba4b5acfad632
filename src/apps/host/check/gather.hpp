// obelisk-host check: looks at everything that hosting needs on this machine, and says all of it,
// not only what is wrong first. It must never change what renters or the chain see.
#pragma once

#include <functional>
#include <vector>

#include "apps/host/config.hpp"
#include "core/host/finding.hpp"
#include "ports/card_monitor.hpp"
#include "ports/containers.hpp"
#include "ports/gpus.hpp"

namespace obelisk::host {

struct CheckParts {
  const Config& config;
  ports::Gpus& gpus;
  ports::CardMonitor& monitor;
  // Of the machine itself: root, programs, kernel, space, image.
  std::function<std::vector<Finding>()> machine;
  // A trial of the containers, where all of that is there.
  ports::Containers& containers;
};

// In the order in which they are to be mended. A few seconds where market or node are silent.
std::vector<Finding> look_at_all(const CheckParts& parts);

}  // namespace obelisk::host
