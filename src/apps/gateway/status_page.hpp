// What a gateway tells those who watch over it: /healthz and /metrics. It must never name a lease,
// a host or a visitor.
#pragma once

#include "adapters/http/server.hpp"
#include "adapters/tunnel/gateway.hpp"

namespace obelisk::gateway {

// Prometheus text, version 0.0.4.
std::string metrics_text(const tunnel::GatewayFigures& figures);
http::Handler status_page(std::function<tunnel::GatewayFigures()> figures);

}  // namespace obelisk::gateway
