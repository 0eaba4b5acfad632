#include "apps/gateway/status_page.hpp"

#include <array>

namespace obelisk::gateway {
namespace {

struct Row {
  const char* name;
  const char* type;
  const char* help;
  std::uint64_t value;
};

http::Response text(unsigned status, const char* type, std::string body) {
  http::Response out;
  out.status = status;
  out.headers = {{"Content-Type", type}, {"Cache-Control", "no-store"}};
  out.body = std::move(body);
  return out;
}

}  // namespace

std::string metrics_text(const tunnel::GatewayFigures& figures) {
  const std::array rows{
      Row{"obelisk_gateway_hosts", "gauge", "Hosts that are connected.", figures.hosts},
      Row{"obelisk_gateway_leases", "gauge", "Leases that have a port.", figures.leases},
      Row{"obelisk_gateway_waiting_streams", "gauge", "Streams that wait for visitors.",
          figures.waiting_streams},
      Row{"obelisk_gateway_visitors", "gauge", "Connections that are carried.", figures.visitors},
      Row{"obelisk_gateway_visitors_total", "counter", "Connections carried since the start.",
          figures.visitors_ever},
      Row{"obelisk_gateway_visitors_refused_total", "counter",
          "Beyond a limit, or not taken by their host.", figures.visitors_refused},
      Row{"obelisk_gateway_bytes_up_total", "counter", "From visitors to hosts.", figures.bytes_up},
      Row{"obelisk_gateway_bytes_down_total", "counter", "From hosts to visitors.",
          figures.bytes_down}};
  std::string out;
  for (const Row& row : rows) {
    const std::string name = row.name;
    out += "# HELP " + name + " " + row.help + "\n# TYPE " + name + " " + row.type + "\n" + name +
           " " + std::to_string(row.value) + "\n";
  }
  return out;
}

http::Handler status_page(std::function<tunnel::GatewayFigures()> figures) {
  return [figures = std::move(figures)](const http::Request& request, http::Exchange& exchange) {
    if (request.method != "GET") return exchange.reply(text(405, "text/plain", "Only GET.\n"));
    if (request.path == "/healthz") return exchange.reply(text(200, "text/plain", "ok\n"));
    if (request.path == "/metrics") {
      return exchange.reply(text(200, "text/plain; version=0.0.4", metrics_text(figures())));
    }
    exchange.reply(text(404, "text/plain", "Here are /healthz and /metrics.\n"));
  };
}

}  // namespace obelisk::gateway
