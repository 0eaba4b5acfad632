#include "apps/market/server_options.hpp"

namespace obelisk::market_app {

http::ServerOptions server_options(const Config& config, BandwidthDesk& bandwidth, Log& log) {
  http::ServerOptions out;
  out.address = config.listen_address;
  out.port = config.listen_port;
  out.threads = 16;
  const Limits& limits = config.limits;
  const auto ms = [](std::uint64_t value) { return static_cast<int>(value); };
  out.max_header_bytes = limits.header_bytes;
  out.max_headers = limits.headers;
  out.max_url_bytes = limits.url_bytes;
  out.max_body_bytes = limits.body_bytes;
  out.max_bodies_bytes = limits.bodies_bytes;
  out.max_waiting = limits.waiting;
  out.request_timeout_ms = ms(limits.request_ms);
  out.write_timeout_ms = ms(limits.write_ms);
  out.idle_timeout_ms = ms(limits.idle_ms);
  out.max_connections = limits.connections;
  out.max_connections_per_address = limits.connections_per_address;
  out.max_websockets = limits.hosts + limits.hellos;
  out.max_queued_bytes = limits.queued_bytes;
  out.trusted_proxies = config.trusted_proxies;
  out.swallows = [&bandwidth](std::string_view method, std::string_view target) {
    const std::string_view ticket = method == "POST" ? ticket_in(target) : std::string_view();
    return ticket.empty() ? std::size_t{0} : bandwidth.begin_up(ticket);
  };
  out.log = [&log](std::string_view line) { log.write(Level::error, line); };
  return out;
}

}  // namespace obelisk::market_app
