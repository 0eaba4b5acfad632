#include "apps/market/handlers.hpp"
#include "apps/market/parameters.hpp"
#include "base/crypto.hpp"

namespace obelisk::market_app {
namespace {

using base::Code;
using base::Error;

constexpr std::size_t kBlock = 64 << 10;

Error not_here() {
  return {Code::not_found, "This market does not let anybody measure the way to it.",
          "Nothing has to be done."};
}

// Random once, so that nothing on the way makes it smaller.
const std::string& block() {
  static const std::string bytes = [] {
    std::string out(kBlock, 0);
    base::random_bytes({reinterpret_cast<std::uint8_t*>(out.data()), out.size()});
    return out;
  }();
  return bytes;
}

}  // namespace

Answer create_bandwidth_test(const Desk& desk, const Caller& caller) {
  if (desk.bandwidth == nullptr) return not_here();
  TRY(const std::string ticket, desk.bandwidth->begin(*caller.wallet, caller.remote_address));
  return json_response(201, api::to_json(api::BandwidthTicket{
                                ticket, kMostTestBytes, static_cast<std::uint64_t>(kTestMs)}));
}

Answer get_bandwidth_down(const Desk& desk, const std::string& ticket,
                          const http::Request& request) {
  if (desk.bandwidth == nullptr) return not_here();
  TRY(const auto asked, number_from(request, "bytes", kMostTestBytes));
  const std::size_t bytes = asked.value_or(0);
  TRY_VOID(desk.bandwidth->down(ticket, bytes));
  http::Response out;
  out.content_type = "application/octet-stream";
  out.headers.push_back({"Cache-Control", "no-store, no-transform"});
  out.body = block();
  out.times = static_cast<std::size_t>((bytes + kBlock - 1) / kBlock);
  return out;
}

Answer send_bandwidth_up(const Desk& desk, const std::string& ticket,
                         const http::Request& request) {
  if (desk.bandwidth == nullptr) return not_here();
  if (request.swallowed == 0) {
    return Error{Code::not_found, "This ticket is over, never was, or nothing was sent on it.",
                 "Ask for another, and send a body."};
  }
  TRY_VOID(desk.bandwidth->up(ticket, request.query_value("more") == "yes"));
  return json_response(200, api::to_json(api::BandwidthTaken{request.swallowed}));
}

}  // namespace obelisk::market_app
