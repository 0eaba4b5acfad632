// What is asked about a host, and of it: how it is now, and its owner's maintenance, which the host
// takes from nobody but the key that it serves with.
#include "apps/market/handlers.hpp"
#include "apps/market/host_view.hpp"

namespace obelisk::market_app {
namespace {

using base::Code;
using base::Error;

Error unknown_host(const std::string& host) {
  return {Code::not_found, "No host with the wallet " + host + " ever listed a card here.",
          "Check the address: an offer shows its host's."};
}

}  // namespace

Answer get_host(const Desk& desk, const std::string& host) {
  TRY(const auto address, address_from(host, "host"));
  const auto seen = desk.offers.see(address);
  const auto served = desk.leases.served_by(address);
  if (!seen && served.empty()) return unknown_host(host);
  return json_response(200, api::to_json(host_now(address, seen, served, desk.leases.chain_now(),
                                                  desk.clock.now_ms() / 1000)));
}

base::Result<HostQuestion> maintenance_question(const Desk& desk, const std::string& host,
                                                const http::Request& request,
                                                const Caller& caller) {
  TRY(const auto address, address_from(host, "host"));
  if (request.method != "DELETE") TRY_VOID(api::maintenance_request_from_json(request.body));
  TRY_VOID(check_is_signed_by(caller, address, "This is for the host's owner alone."));
  if (!desk.offers.knows(address)) return unknown_host(host);
  HostQuestion out{address, {}, kAskTimeoutMs};
  out.ask.what = "maintenance";
  TRY(out.ask.call, signed_call_of(request));
  return out;
}

}  // namespace obelisk::market_app
