#include "apps/market/handlers.hpp"

namespace obelisk::market_app {

Answer create_report(const Desk& desk, const http::Request& request) {
  TRY(const auto message, api::signed_report_from_json(request.body));
  TRY(const auto kept, desk.reports.take(message, request.remote_address));
  return json_response(201, api::to_json(kept));
}

}  // namespace obelisk::market_app
