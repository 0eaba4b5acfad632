#include "apps/market/handlers.hpp"

namespace obelisk::market_app {
namespace {

base::Error refused(const Desk& desk, base::Error why) {
  desk.metrics.count(Metric::quotes_refused, base::code_name(why.code));
  return why;
}

}  // namespace

Answer create_quote(const Desk& desk, const http::Request& request, const Caller& caller) {
  auto wanted = api::quote_request_from_json(request.body);
  if (!wanted) return refused(desk, wanted.error());
  if (caller.wallet && !caller.is(wanted->renter)) {
    return refused(desk, {base::Code::forbidden, "The quote is for another wallet than asks.",
                          "Ask as the wallet that pays, or without saying who asks."});
  }
  if (const auto wait_s = desk.rates.of_wallet(wanted->renter)) {
    desk.metrics.count(Metric::quotes_refused, base::code_name(base::Code::rate_limited));
    return too_often(*wait_s);
  }
  const auto quote = desk.quotes.create(*std::move(wanted), request.remote_address);
  if (!quote) return refused(desk, quote.error());
  desk.metrics.count(Metric::quotes_made);
  auto response = json_response(201, api::to_json(*quote));
  response.headers.push_back({"Location", "/v1/quotes/" + quote->id});
  return response;
}

Answer get_quote(const Desk& desk, const std::string& quote_id) {
  TRY(const auto quote, desk.quotes.again(quote_id));
  return json_response(200, api::to_json(quote));
}

Answer delete_quote(const Desk& desk, const std::string& quote_id, const http::Request& request,
                    const Caller& caller) {
  TRY_VOID(desk.quotes.give_up(quote_id, caller.wallet, request.remote_address));
  return no_content();
}

}  // namespace obelisk::market_app
