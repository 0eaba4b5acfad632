// What is asked of a host: readings, logs, a command of a lease, its own maintenance. But for
// readings the signed request of the renter or owner goes along, because the host believes nobody
// else's word.
#include <algorithm>

#include "apps/market/handlers.hpp"
#include "apps/market/lease_view.hpp"
#include "apps/market/parameters.hpp"

namespace obelisk::market_app {
namespace {

using api::Operation;
using base::Code;
using base::Error;

constexpr std::size_t kMostSince = 253'402'300'799'999;
constexpr std::size_t kMaxForwardedBody = 32 << 10;
constexpr std::size_t kMaxTarget = 400;
constexpr std::size_t kMaxHostHeader = 300;
constexpr std::int64_t kUsualExecMs = 30'000;

// A host's words, as a stranger's.
std::string plain(const std::string& text) {
  std::string out;
  for (const char c : text.substr(0, 400)) out += c >= 0x20 && c < 0x7f ? c : '?';
  return out;
}

base::Result<lease::Record> running_lease(const Desk& desk, const std::string& text) {
  TRY(const auto address, address_from(text, "lease"));
  TRY(auto record, desk.leases.record(address));
  if (!record) {
    return Error{Code::not_found, "This market knows no lease " + text + ".",
                 "Check the address: a lease made elsewhere can be asked for there."};
  }
  return *std::move(record);
}

base::Result<void> check_runs(const lease::Life& life) {
  switch (life.state) {
    case lease::State::quoted:
    case lease::State::preparing:
    case lease::State::checking:
    case lease::State::starting:
      return Error{Code::conflict, "This lease does not run yet.", "Wait until it is ready."};
    case lease::State::active:
    case lease::State::stopping:
    case lease::State::contested: return {};
    case lease::State::ended: break;
  }
  return Error{Code::expired, "This lease is over, and its machine is gone.",
               "See what was paid: obelisk receipt LEASE"};
}

base::Result<HostQuestion> signed_question(const lease::Record& record,
                                           const http::Request& request, const Caller& caller,
                                           const char* what) {
  TRY_VOID(
      check_is_signed_by(caller, record.quote.renter, "This is for the lease's renter alone."));
  TRY_VOID(check_runs(record.life));
  HostQuestion out{record.quote.host, {}, kAskTimeoutMs};
  out.ask.lease = record.quote.lease;
  out.ask.what = what;
  TRY(out.ask.call, signed_call_of(request));
  return out;
}

base::Result<HostQuestion> readings_question(const lease::Record& record,
                                             const http::Request& request, const Caller& caller) {
  TRY_VOID(check_may_see_all(caller, record.quote.renter, record.quote.host));
  TRY_VOID(check_runs(record.life));
  HostQuestion out{record.quote.host, {}, kAskTimeoutMs};
  out.ask.lease = record.quote.lease;
  out.ask.what = "readings";
  const bool is_zero = request.query_value("since_ms") == "0";
  if (!is_zero) {
    TRY(out.ask.since_ms, number_from(request, "since_ms", kMostSince));
  }
  return out;
}

base::Result<HostQuestion> exec_question(const Desk& desk, const lease::Record& record,
                                         const http::Request& request, const Caller& caller) {
  TRY(const auto wanted, api::exec_request_from_json(request.body));
  TRY(auto out, signed_question(record, request, caller, "exec"));
  if (const auto wait_s = desk.rates.of_wallet(record.quote.renter)) {
    return Error{Code::rate_limited, "This wallet asks too often.",
                 "Wait " + std::to_string(*wait_s) + " s."};
  }
  const std::int64_t limit_ms =
      wanted.timeout_s ? std::int64_t{*wanted.timeout_s} * 1000 : kUsualExecMs;
  out.timeout_ms = limit_ms + kAskTimeoutMs;
  return out;
}

// A host may name any code; those that speak of a market's own state are not its to say.
Code code_of(const std::string& name) {
  const Code code = base::code_from_name(name);
  constexpr std::array kTheirs{Code::invalid_input, Code::not_found,    Code::expired,
                               Code::conflict,      Code::unauthorized, Code::forbidden,
                               Code::timeout,       Code::rate_limited, Code::unsupported,
                               Code::refused};
  return std::ranges::find(kTheirs, code) != kTheirs.end() ? code : Code::unreachable;
}

Error no_such_answer() {
  return {Code::unreachable, "The host answered something else than was asked.",
          "Try again; if it lasts, report the host: obelisk report."};
}

}  // namespace

bool is_for_host(Operation operation) {
  switch (operation) {
    case Operation::get_readings:
    case Operation::get_logs:
    case Operation::exec_in_lease:
    case Operation::plan_maintenance:
    case Operation::cancel_maintenance: return true;
    default: return false;
  }
}

base::Result<void> check_is_signed_by(const Caller& caller, const base::PublicKey& wallet,
                                      const char* whose) {
  if (!caller.wallet) return nobody_asks();
  if (!caller.is(wallet)) return Error{Code::forbidden, whose, "Ask as that wallet."};
  if (caller.session.empty()) return {};
  return Error{Code::forbidden,
               "This needs the wallet's own signature: the host checks it itself, and a session's "
               "token says nothing to a host.",
               "Sign the request with the wallet's key (docs/api.md); obelisk does so where the "
               "key file is."};
}

base::Result<api::SignedCall> signed_call_of(const http::Request& request) {
  const std::string query = request.query.empty() ? "" : "?" + request.query;
  api::SignedCall out{request.method, request.path + query,
                      std::string(request.header("Host").value_or("")),
                      base::to_base64(base::view_of(request.body)),
                      std::string(request.header("Authorization").value_or(""))};
  if (request.body.size() <= kMaxForwardedBody && out.target.size() <= kMaxTarget &&
      out.host.size() <= kMaxHostHeader) {
    return out;
  }
  return Error{Code::invalid_input, "This is too long to be handed on to a host.",
               "Send at most 32 KiB; larger things go over ssh."};
}

base::Result<HostQuestion> question_for(const Desk& desk, Operation operation,
                                        const std::string& name, const http::Request& request,
                                        const Caller& caller) {
  const bool is_of_host =
      operation == Operation::plan_maintenance || operation == Operation::cancel_maintenance;
  if (is_of_host) return maintenance_question(desk, name, request, caller);
  TRY(const auto record, running_lease(desk, name));
  if (operation == Operation::get_readings) return readings_question(record, request, caller);
  if (operation == Operation::exec_in_lease) return exec_question(desk, record, request, caller);
  TRY_VOID(number_from(request, "tail", 1000));
  return signed_question(record, request, caller, "logs");
}

Answer answer_from(Operation operation, const Asked& asked,
                   const base::Result<api::HostAnswer>& said) {
  const auto& lease = asked.lease;
  if (!said) return said.error();
  if (said->problem) {
    return Error{code_of(said->problem->code), "The host says: " + plain(said->problem->message),
                 plain(said->problem->action)};
  }
  if (operation == Operation::get_readings && said->readings && said->readings->lease == lease) {
    return json_response(200, api::to_json(*said->readings));
  }
  if (operation == Operation::get_logs && said->logs && said->logs->lease == lease) {
    return json_response(200, api::to_json(*said->logs));
  }
  if (operation == Operation::exec_in_lease && said->exec) {
    return json_response(200, api::to_json(*said->exec));
  }
  const bool is_of_host =
      operation == Operation::plan_maintenance || operation == Operation::cancel_maintenance;
  if (is_of_host && said->maintenance && said->maintenance->host == asked.host) {
    return json_response(200, api::to_json(*said->maintenance));
  }
  return no_such_answer();
}

}  // namespace obelisk::market_app
