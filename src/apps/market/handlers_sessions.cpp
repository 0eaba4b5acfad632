#include "apps/market/handlers.hpp"
#include "apps/market/parameters.hpp"

namespace obelisk::market_app {

Answer create_challenge(const Desk& desk, const http::Request& request) {
  TRY(const auto wanted, api::challenge_request_from_json(request.body));
  TRY(const auto origin, desk.sessions.origin_of(request.header("Host").value_or("")));
  TRY(const auto challenge, desk.sessions.challenge(wanted.wallet, origin));
  return json_response(200, api::to_json(challenge));
}

Answer create_session(const Desk& desk, const http::Request& request) {
  TRY(const auto wanted, api::session_request_from_json(request.body));
  TRY(const auto opened, desk.sessions.open(wanted));
  auto response = json_response(201, api::to_json(opened));
  response.headers.push_back({"Location", "/v1/sessions/" + opened.session.session});
  return response;
}

Answer list_sessions(const Desk& desk, const http::Request& request, const Caller& caller) {
  if (!caller.wallet) return nobody_asks();
  TRY(const auto page, page_from(request));
  TRY(const auto list, desk.sessions.list(*caller.wallet, page, caller.session));
  return json_response(200, api::to_json(list));
}

Answer delete_session(const Desk& desk, const std::string& session, const Caller& caller) {
  if (!caller.wallet) return nobody_asks();
  TRY_VOID(desk.sessions.end(*caller.wallet, session));
  return no_content();
}

}  // namespace obelisk::market_app
