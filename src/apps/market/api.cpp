#include "apps/market/api.hpp"

#include "adapters/http/problem.hpp"
#include "apps/market/router.hpp"

namespace obelisk::market_app {
namespace {

using base::Code;
using base::Error;

constexpr int kSwitching = 101;

http::Response unknown_path() {
  return http::problem(
      {Code::not_found, "There is nothing at this path.", "The paths are in /openapi.json."});
}

http::Response wrong_method(const std::string& allowed) {
  auto response =
      http::problem({Code::usage, "This path does not take that method.", "Use " + allowed + "."});
  // The body says 400 for every usage error; here HTTP has a status of its own.
  const std::string wrong = "\"status\":400";
  if (const auto at = response.body.find(wrong); at != std::string::npos) {
    response.body.replace(at, wrong.size(), "\"status\":405");
  }
  response.status = 405;
  response.headers.push_back({"Allow", allowed});
  return response;
}

// The operations that answer with one response.
Answer answer(const Desk& desk, const Matched& matched, const http::Request& request) {
  using enum api::Operation;
  const std::string& argument = matched.argument;
  switch (matched.operation) {
    case list_cards: return market_app::list_cards(desk);
    case list_offers: return market_app::list_offers(desk, request);
    case create_quote: return market_app::create_quote(desk, request);
    case get_quote: return market_app::get_quote(desk, argument);
    case send_transaction: return market_app::send_transaction(desk, request);
    case list_leases: return market_app::list_leases(desk, request);
    case get_lease: return market_app::get_lease(desk, argument);
    case stop_lease: return market_app::stop_lease(desk, argument);
    case extend_lease: return market_app::extend_lease(desk, argument, request);
    case list_history: return market_app::list_history(desk);
    case get_market: return market_app::get_market(desk);
    case get_description: return market_app::get_description();
    case get_health: return market_app::get_health();
    case get_readiness: return market_app::get_readiness(desk);
    case get_metrics: return market_app::get_metrics(desk);
    case stream_lease:
    case connect_host: break;
  }
  return Error{Code::internal, "This operation does not answer once.", "Report this."};
}

}  // namespace

void Api::handle(const http::Request& request, http::Exchange& exchange) {
  const auto route = match_route(request.method, request.path);
  if (const auto* wrong = std::get_if<WrongMethod>(&route)) {
    desk_.metrics.count_request("other", 405);
    return exchange.reply(wrong_method(wrong->allowed));
  }
  const auto* matched = std::get_if<Matched>(&route);
  if (matched == nullptr) {
    desk_.metrics.count_request("other", 404);
    return exchange.reply(unknown_path());
  }
  if (matched->operation == api::Operation::connect_host) {
    desk_.metrics.count_request(matched->route, kSwitching);
    return desk_.hub.accept(request, exchange);
  }
  if (matched->operation == api::Operation::stream_lease) {
    const auto opened = stream_lease(desk_, matched->argument, request, exchange);
    const auto status = opened ? 200 : base::http_status(opened.error().code);
    desk_.metrics.count_request(matched->route, status);
    if (!opened) exchange.reply(http::problem(opened.error()));
    return;
  }
  const auto result = answer(desk_, *matched, request);
  auto response = result ? *result : http::problem(result.error());
  if (response.status >= 500) {
    log_.write(Level::warning, "A request failed.",
               {{"route", std::string(matched->route)},
                {"status", std::to_string(response.status)},
                {"why", result ? "" : result.error().message}});
  }
  desk_.metrics.count_request(matched->route, response.status);
  exchange.reply(std::move(response));
}

}  // namespace obelisk::market_app
