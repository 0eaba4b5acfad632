#include "apps/market/handlers.hpp"

namespace obelisk::market_app {
namespace {

base::Error not_here() {
  return {base::Code::not_found, "This market takes no payments by phone.",
          "Pay with a wallet in the browser, or with obelisk rent."};
}

// Wallets that are pages ask from another origin, and what is here is for everybody.
http::Response for_wallets(http::Response response) {
  response.headers.push_back({"Access-Control-Allow-Origin", "*"});
  return response;
}

}  // namespace

Answer create_pay(const Desk& desk, const http::Request& request) {
  if (desk.pays == nullptr) return not_here();
  TRY(auto wish, api::pay_request_from_json(request.body));
  TRY(const auto origin, desk.sessions.origin_of(request.header("Host").value_or("")));
  TRY(const auto ticket, desk.pays->begin(std::move(wish), origin, request.remote_address));
  auto response = json_response(201, api::to_json(ticket));
  response.headers.push_back({"Location", "/v1/pay/" + ticket.pay});
  return response;
}

Answer get_pay_label(const Desk& desk, const std::string& pay, const http::Request& request) {
  if (desk.pays == nullptr) return not_here();
  TRY_VOID(desk.pays->check(pay));
  TRY(const auto origin, desk.sessions.origin_of(request.header("Host").value_or("")));
  return for_wallets(
      json_response(200, api::to_json(api::PayLabel{"OBELISK", origin.url + "/icon.svg"})));
}

Answer build_pay(const Desk& desk, const std::string& pay, const http::Request& request) {
  if (desk.pays == nullptr) return not_here();
  TRY(const auto wallet, api::pay_account_from_json(request.body));
  if (const auto wait_s = desk.rates.of_wallet(wallet.account)) return too_often(*wait_s);
  TRY(const auto built, desk.pays->build(pay, wallet.account, request.remote_address));
  return for_wallets(json_response(200, api::to_json(built)));
}

Answer get_pay_state(const Desk& desk, const std::string& pay, const http::Request& request) {
  if (desk.pays == nullptr) return not_here();
  const auto secret = request.header("Obelisk-Pay-Secret").value_or("");
  TRY(const auto state, desk.pays->state(pay, secret));
  return json_response(200, api::to_json(state));
}

}  // namespace obelisk::market_app
