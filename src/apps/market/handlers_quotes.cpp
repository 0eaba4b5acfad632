#include "apps/market/handlers.hpp"

namespace obelisk::market_app {

Answer create_quote(const Desk& desk, const http::Request& request) {
  TRY(auto wanted, api::quote_request_from_json(request.body));
  if (const auto wait_s = desk.rates.of_wallet(wanted.renter)) return too_often(*wait_s);
  TRY(const auto quote, desk.quotes.create(std::move(wanted), request.remote_address));
  auto response = json_response(201, api::to_json(quote));
  response.headers.push_back({"Location", "/v1/quotes/" + quote.id});
  return response;
}

Answer get_quote(const Desk& desk, const std::string& quote_id) {
  TRY(const auto quote, desk.quotes.again(quote_id));
  return json_response(200, api::to_json(quote));
}

}  // namespace obelisk::market_app
