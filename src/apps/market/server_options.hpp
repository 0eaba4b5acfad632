// The HTTP server's bounds as a market's settings have them.
#pragma once

#include "adapters/http/server.hpp"
#include "apps/market/bandwidth/bandwidth_desk.hpp"
#include "apps/market/config.hpp"
#include "apps/market/log.hpp"

namespace obelisk::market_app {

// `bandwidth` and `log` must outlive the server.
http::ServerOptions server_options(const Config& config, BandwidthDesk& bandwidth, Log& log);

}  // namespace obelisk::market_app
