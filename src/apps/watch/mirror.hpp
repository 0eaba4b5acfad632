// How the watch comes to a mirror: a machine of its own behind the market's gateways, published
// with control terms that the attestor's key signs, between keys that live as long as the process.
#pragma once

#include "adapters/tunnel/mirror.hpp"
#include "apps/watch/options.hpp"
#include "core/watch/quoted.hpp"
#include "ports/clock.hpp"

namespace obelisk::watch_app {

// Null where no gateway is named.
base::Result<std::unique_ptr<tunnel::Mirror>> start_mirror(
    http::IoThreads& threads, ports::Signer& attestor, const watch::Ground& ground,
    const std::vector<tunnel::Place>& gateways, ports::Clock& clock, tunnel::Mirror::Log log);

}  // namespace obelisk::watch_app
