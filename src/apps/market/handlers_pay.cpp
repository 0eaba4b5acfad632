#include "apps/market/handlers.hpp"
#include "apps/market/router.hpp"

namespace obelisk::market_app {
namespace {

base::Error not_here() {
  return {base::Code::not_found, "This market takes no payments by phone.",
          "Pay with a wallet in the browser, or with obelisk rent."};
}

}  // namespace

bool is_for_wallets(api::Operation operation) {
  return operation == api::Operation::get_pay_label || operation == api::Operation::build_pay;
}

void open_to_wallets(http::Response& response) {
  response.headers.push_back({"Access-Control-Allow-Origin", "*"});
}

std::optional<http::Response> preflight_for_wallets(const http::Request& request) {
  if (request.method != "OPTIONS") return std::nullopt;
  const auto found = match_route("POST", request.path);
  const auto* matched = std::get_if<Matched>(&found);
  if (matched == nullptr || !is_for_wallets(matched->operation)) return std::nullopt;
  http::Response out = no_content();
  open_to_wallets(out);
  out.headers.push_back({"Access-Control-Allow-Methods", "GET, POST"});
  out.headers.push_back({"Access-Control-Allow-Headers", "Accept, Cache-Control, Content-Type"});
  out.headers.push_back({"Access-Control-Max-Age", "86400"});
  return out;
}

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
  return json_response(200, api::to_json(api::PayLabel{"OBELISK", origin.url + "/icon.svg"}));
}

Answer build_pay(const Desk& desk, const std::string& pay, const http::Request& request) {
  if (desk.pays == nullptr) return not_here();
  TRY(const auto wallet, api::pay_account_from_json(request.body));
  if (const auto wait_s = desk.rates.of_wallet(wallet.account)) return too_often(*wait_s);
  TRY(const auto built, desk.pays->build(pay, wallet.account, request.remote_address));
  return json_response(200, api::to_json(built));
}

Answer get_pay_state(const Desk& desk, const std::string& pay, const http::Request& request) {
  if (desk.pays == nullptr) return not_here();
  const auto secret = request.header("Obelisk-Pay-Secret").value_or("");
  TRY(const auto state, desk.pays->state(pay, secret));
  return json_response(200, api::to_json(state));
}

}  // namespace obelisk::market_app
