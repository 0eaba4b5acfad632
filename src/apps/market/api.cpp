#include "apps/market/api.hpp"

#include <chrono>

#include "adapters/http/problem.hpp"
#include "apps/market/etag.hpp"
#include "apps/market/outside_words.hpp"
#include "apps/market/router.hpp"

namespace obelisk::market_app {
namespace {

using base::Code;
using base::Error;

constexpr int kNotModified = 304;
constexpr int kTooOften = 429;
// All files of the page: a label that outsiders cannot grow.
constexpr std::string_view kPageRoute = "page";

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
Answer answer(const Desk& desk, const Matched& matched, const http::Request& request,
              const Caller& caller) {
  using enum api::Operation;
  const std::string& argument = matched.argument;
  switch (matched.operation) {
    case list_cards: return market_app::list_cards(desk);
    case list_offers: return market_app::list_offers(desk, request);
    case create_quote: return market_app::create_quote(desk, request, caller);
    case get_quote: return market_app::get_quote(desk, argument);
    case delete_quote: return market_app::delete_quote(desk, argument, request, caller);
    case create_report: return market_app::create_report(desk, request);
    case send_transaction: return market_app::send_transaction(desk, request);
    case list_leases: return market_app::list_leases(desk, request, caller);
    case get_lease: return market_app::get_lease(desk, argument, caller);
    case list_trail: return market_app::list_trail(desk, argument, request, caller);
    case stop_lease: return market_app::stop_lease(desk, argument, request);
    case claim_lease: return market_app::claim_lease(desk, argument, request);
    case get_receipt: return market_app::get_receipt(desk, argument, caller);
    case get_host: return market_app::get_host(desk, argument);
    case extend_lease: return market_app::extend_lease(desk, argument, request);
    case create_challenge: return market_app::create_challenge(desk, request);
    case create_session: return market_app::create_session(desk, request);
    case list_sessions: return market_app::list_sessions(desk, request, caller);
    case delete_session: return market_app::delete_session(desk, argument, caller);
    case create_bandwidth_test: return market_app::create_bandwidth_test(desk, caller);
    case get_bandwidth_down: return market_app::get_bandwidth_down(desk, argument, request);
    case send_bandwidth_up: return market_app::send_bandwidth_up(desk, argument, request);
    case create_pull: return market_app::create_pull(desk, request, caller);
    case get_pull: return market_app::get_pull(desk, argument);
    case create_pay: return market_app::create_pay(desk, request);
    case get_pay_label: return market_app::get_pay_label(desk, argument, request);
    case build_pay: return market_app::build_pay(desk, argument, request);
    case get_pay_state: return market_app::get_pay_state(desk, argument, request);
    case get_history: return market_app::get_history(desk, request);
    case list_outcomes: return market_app::list_outcomes(desk, request);
    case get_market: return market_app::get_market(desk);
    case get_description: return market_app::get_description();
    case get_health: return market_app::get_health();
    case get_readiness: return market_app::get_readiness(desk);
    case get_metrics: return market_app::get_metrics(desk);
    case get_readings:
    case get_logs:
    case exec_in_lease:
    case plan_maintenance:
    case cancel_maintenance:
    case stream_lease:
    case stream_offers:
    case connect_host: break;
  }
  return Error{Code::internal, "This operation does not answer once.", "Report this."};
}

std::int64_t us_since(std::chrono::steady_clock::time_point begun) {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() -
                                                               begun)
      .count();
}

// What is asked every few seconds by machines that watch.
bool is_a_look(const Matched& route) {
  using enum api::Operation;
  return route.route != "other" &&
         (route.operation == get_health || route.operation == get_readiness ||
          route.operation == get_metrics);
}

// "lease" of "/v1/leases/{lease}/stop".
std::string_view name_in(std::string_view route) {
  const auto open = route.find('{');
  const auto close = route.find('}');
  if (open == std::string_view::npos || close == std::string_view::npos) return {};
  return route.substr(open + 1, close - open - 1);
}

}  // namespace

void Api::handle(const http::Request& request, http::Exchange& exchange) {
  const auto begun = std::chrono::steady_clock::now();
  TracedExchange traced(exchange, request_id_of(request));
  const auto found = match_route(request.method, request.path);
  Matched route{{}, "other", {}, {}, ""};
  if (const auto* matched = std::get_if<Matched>(&found)) route = *matched;
  const bool is_read = request.method == "GET";
  if (const auto wait_s = desk_.rates.of_address(request.remote_address, is_read)) {
    traced.reply(too_often(*wait_s));
  } else if (std::holds_alternative<Matched>(found)) {
    answer_matched(route, request, traced);
  } else if (auto preflight = preflight_for_wallets(request)) {
    traced.reply(*std::move(preflight));
  } else if (const auto* wrong = std::get_if<WrongMethod>(&found)) {
    traced.reply(wrong_method(wrong->allowed));
  } else if (auto page = page_for(request)) {
    route.route = kPageRoute;
    traced.reply(*std::move(page));
  } else {
    traced.reply(unknown_path());
  }
  if (traced.is_later()) return;
  note_end(route, {traced.request_id(), request.method, request.remote_address, traced.status(),
                   traced.bytes(), us_since(begun)});
}

http::Known Api::quick(const http::QuickRequest& request) {
  const auto found = desk_.reads.find(request.target, desk_.offers.version());
  if (found.answer == nullptr) return {};
  const http::Header id{kRequestIdHeader, request_id_of({})};
  if (const auto wait_s = desk_.rates.of_address(request.remote_address, true)) {
    desk_.metrics.count_request(found.route, kTooOften);
    return {std::make_shared<const http::Prepared>(too_often(*wait_s)), {id}};
  }
  const bool has_it = found.answer->is_named_by(request.if_none_match);
  desk_.metrics.count_request(found.route, has_it ? kNotModified : 200);
  return {found.answer, {id}};
}

std::optional<http::Response> Api::page_for(const http::Request& request) const {
  if (desk_.page == nullptr || request.method != "GET") return std::nullopt;
  auto found = desk_.page->answer(request);
  if (found) leave_out_what_is_known(*found, request);
  return found;
}

void Api::answer_matched(const Matched& route, const http::Request& request,
                         TracedExchange& exchange) {
  if (route.operation == api::Operation::connect_host) return desk_.hub.accept(request, exchange);
  if (route.operation == api::Operation::stream_lease) {
    const auto opened = open_stream(route, request, exchange);
    if (!opened) exchange.reply(problem_of(opened.error()));
    return;
  }
  if (route.operation == api::Operation::stream_offers) {
    auto opened = stream_offers(desk_, request, exchange);
    std::optional<http::Response> instead =
        opened ? *std::move(opened) : std::optional(problem_of(opened.error()));
    if (instead) exchange.reply(*std::move(instead));
    return;
  }
  if (is_for_host(route.operation)) return ask_host(route, request, exchange);
  // Before the answer: what changes meanwhile makes it old at once.
  const std::uint64_t version = desk_.offers.version();
  const auto result = answer_once(route, request);
  auto response = result ? *result : problem_of(result.error());
  add_caching(response, route.caching);
  if (is_for_wallets(route.operation)) open_to_wallets(response);
  if (response.status >= 500 || (!result && is_inside(result.error()))) {
    log_.write(Level::warning, "A request failed.",
               {{"route", std::string(route.route)},
                {"request_id", exchange.request_id()},
                {"status", std::int64_t{response.status}},
                {"why", result ? std::string() : result.error().message}});
  }
  if (is_public_read(route.operation)) {
    const std::string query = request.query.empty() ? "" : "?" + request.query;
    desk_.reads.keep(request.path + query, route.route, version, response);
  }
  leave_out_what_is_known(response, request);
  exchange.reply(std::move(response));
}

// No thread waits for a host. The desk calls back once, and before the server ends.
void Api::ask_host(const Matched& route, const http::Request& request, TracedExchange& exchange) {
  const auto begun = std::chrono::steady_clock::now();
  const auto refuse = [&](const Error& error) { exchange.reply(problem_of(error)); };
  const auto caller = caller_of(route, request);
  if (!caller) return refuse(caller.error());
  if (desk_.asks == nullptr) {
    return refuse({Code::unsupported, "This market asks no hosts.", "Use ssh."});
  }
  const auto question = question_for(desk_, route.operation, route.argument, request, *caller);
  if (!question) return refuse(question.error());
  AnswerDesk::Begun once;
  if (request.method != "GET") {
    auto asked = desk_.answers.begin(*caller, request);
    if (!asked) return refuse(asked.error());
    once = *std::move(asked);
    if (once.given) return exchange.reply(*std::move(once.given));
  }
  exchange.tell_later([this, route, begun, id = exchange.request_id(), method = request.method,
                       from = request.remote_address](int status, std::size_t bytes) {
    note_end(route, {id, method, from, status, bytes, us_since(begun)});
  });
  desk_.asks->ask(question->host, question->ask, question->timeout_ms,
                  // Not the question's call, which may be large and is counted once already.
                  [this, operation = route.operation,
                   asked = Asked{question->host, question->ask.lease}, ticket = once.ticket,
                   later = exchange.answer_later()](const base::Result<api::HostAnswer>& said) {
                    const auto answer = answer_from(operation, asked, said);
                    http::Response response = answer ? *answer : problem_of(answer.error());
                    add_caching(response, api::Caching::none);
                    if (ticket) desk_.answers.finish(*ticket, response);
                    later->reply(std::move(response));
                  });
}

// Whoever must say who asks, and does not, is told how: by words, by what HTTP has for it, and by
// our clock, which a signature has to agree with.
http::Response Api::problem_of(const Error& error) {
  auto response = http::problem(outside(error));
  if (error.code == Code::unauthorized) {
    response.headers.push_back({"WWW-Authenticate", "Obelisk-Signature, Bearer"});
    response.headers.push_back({"Obelisk-Time", std::to_string(desk_.clock.now_ms())});
  }
  return response;
}

base::Result<Caller> Api::caller_of(const Matched& route, const http::Request& request) {
  if (route.access == api::Access::open) return Caller{{}, "", request.remote_address};
  TRY(auto caller, desk_.callers.of(request));
  if (!caller.wallet && route.access == api::Access::required) return nobody_asks();
  return caller;
}

base::Result<void> Api::open_stream(const Matched& route, const http::Request& request,
                                    TracedExchange& exchange) {
  TRY(const auto caller, caller_of(route, request));
  return stream_lease(desk_, route.argument, request, caller, exchange);
}

Answer Api::answer_once(const Matched& route, const http::Request& request) {
  TRY(const auto caller, caller_of(route, request));
  const auto work = [&] { return answer(desk_, route, request, caller); };
  // A transaction to sign is no write, and one that is given again may be of a blockhash that died.
  const bool only_builds = route.operation == api::Operation::stop_lease ||
                           route.operation == api::Operation::extend_lease ||
                           route.operation == api::Operation::claim_lease ||
                           route.operation == api::Operation::build_pay;
  if (request.method == "GET" || only_builds) return work();
  const bool secret = route.operation == api::Operation::create_session ||
                      route.operation == api::Operation::create_pay ||
                      route.operation == api::Operation::create_bandwidth_test;
  return desk_.answers.once(caller, request, work,
                            secret ? AnswerDesk::Kept::in_memory : AnswerDesk::Kept::stored);
}

// Never a body, a query or a header: a token or a key may be in them.
void Api::note_end(const Matched& route, const Ended& ended) {
  desk_.metrics.count_request(route.route, ended.status, static_cast<std::uint64_t>(ended.took_us));
  // Who is told to ask less often must not fill the log by not listening.
  const bool is_much = is_a_look(route) || ended.status == kTooOften;
  const Level level = is_much ? Level::debug : Level::info;
  if (!log_.takes(level)) return;
  Fields fields{{"request_id", ended.request_id},
                {"method", ended.method},
                {"route", std::string(route.route)},
                {"status", std::int64_t{ended.status}},
                {"us", ended.took_us},
                {"from", ended.from}};
  fields.emplace_back("bytes", static_cast<std::int64_t>(ended.bytes));
  if (const std::string_view name = name_in(route.route); !name.empty()) {
    fields.emplace_back(std::string(name), route.argument);
  }
  log_.write(level, "Request.", fields);
}

}  // namespace obelisk::market_app
