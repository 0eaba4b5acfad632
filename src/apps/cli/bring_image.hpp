// bring_image: where an order names an image with its registry and it lies on no host that fits,
// has the cheapest host that brings images load it, and waits. Nothing is held, signed or charged
// meanwhile.
#pragma once

#include "apps/cli/order.hpp"

namespace obelisk::cli {

// Returns with the order narrowed to the host that has it now, or untouched where one has it
// already or no registry was named. not_found where no host brings it; declined where the person
// interrupted the wait.
base::Result<void> bring_image(Session& session, Order& order);

}  // namespace obelisk::cli
