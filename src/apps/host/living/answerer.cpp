#include "apps/host/living/answerer.hpp"

#include <algorithm>
#include <charconv>

#include "adapters/http/message.hpp"
#include "apps/host/drain.hpp"
#include "base/bytes.hpp"
#include "core/host/log_text.hpp"

namespace obelisk::host {
namespace {

using base::Code;
using base::Error;

constexpr std::size_t kUsualLines = 100;
constexpr std::size_t kMaxLines = 1000;

// Of the query that the renter signed.
base::Result<std::size_t> lines_of(const std::string& query) {
  http::Request request;
  request.query = query;
  const auto text = request.query_value("tail");
  if (!text) return kUsualLines;
  std::size_t out = 0;
  const auto [end, failed] = std::from_chars(text->data(), text->data() + text->size(), out);
  if (failed == std::errc{} && end == text->data() + text->size() && out >= 1 && out <= kMaxLines) {
    return out;
  }
  return Error{Code::invalid_input, "tail is no number from 1 to 1000.", "Ask for fewer lines."};
}

base::Result<ports::Command> command_of(const std::string& body) {
  TRY(auto wanted, api::exec_request_from_json(body));
  ports::Command out;
  out.words = std::move(wanted.command);
  if (wanted.timeout_s) out.timeout = std::chrono::seconds(*wanted.timeout_s);
  if (!wanted.stdin_base64) return out;
  const auto input = base::from_base64(*wanted.stdin_base64);
  if (!input) return Error{Code::invalid_input, "stdin_base64 is not base64.", "Encode it anew."};
  out.input.assign(input->begin(), input->end());
  return out;
}

api::HostAnswer empty_answer() { return {"answer", "", {}, {}, {}, {}, {}}; }

Error no_such_lease() {
  return {Code::not_found, "No such lease is open to its renter here.",
          "Look at it: obelisk show LEASE"};
}

Error unsigned_call() {
  return {Code::unauthorized, "The signed request itself did not come along.",
          "Sign it with the wallet whose it is to say."};
}

}  // namespace

Answerer::Answerer(AnswererParts parts)
    : parts_(std::move(parts)), calls_(parts_.market, parts_.clock.now_ms()) {}

Answerer::~Answerer() {
  const std::lock_guard lock(mutex_);
  for (Work& work : working_) work.thread.request_stop();
  working_.clear();
}

void Answerer::asked(const api::MarketAsk& question) {
  if (question.what == "readings") {
    const auto since_ms = std::min<std::uint64_t>(question.since_ms.value_or(0), INT64_MAX);
    if (!question.lease) return say(question.id, no_such_lease());
    auto readings =
        parts_.sampler.readings(*question.lease, static_cast<base::UnixMillis>(since_ms));
    if (!readings) return say(question.id, readings.error());
    auto answer = empty_answer();
    answer.readings = *std::move(readings);
    return say(question.id, answer);
  }
  if (question.what != "logs" && question.what != "exec" && question.what != "maintenance") {
    return say(question.id, Error{Code::unsupported, "This host does not know that question.",
                                  "It may be of an older version."});
  }
  bool is_full = false;
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(working_, [](const Work& work) { return work.done->load(); });
    is_full = working_.size() >= kMaxAnswersUnderWay;
    if (!is_full) {
      auto done = std::make_shared<std::atomic<bool>>(false);
      working_.push_back({std::jthread([this, question, done](const std::stop_token& stop) {
                            say(question.id, answer_slowly(question, stop));
                            *done = true;
                          }),
                          done});
    }
  }
  if (is_full) {
    say(question.id, Error{Code::rate_limited, "This host answers too many questions just now.",
                           "Wait a minute."});
  }
}

Answerer::Answer Answerer::answer_slowly(const api::MarketAsk& question,
                                         const std::stop_token& stop) {
  if (question.what == "maintenance") return maintain(question);
  return question.what == "logs" ? logs(question) : execute(question, stop);
}

base::Result<CheckedCall> Answerer::checked(const api::MarketAsk& question, const char* method,
                                            const std::string& what) {
  const auto renter = question.lease ? parts_.renter_of(*question.lease) : std::nullopt;
  if (!renter) return no_such_lease();
  if (!question.call) return unsigned_call();
  return calls_.take(*question.call, method,
                     "/v1/leases/" + question.lease->to_string() + "/" + what, *renter,
                     parts_.clock.now_ms());
}

// Of the host itself: its owner plans maintenance, or takes it back.
Answerer::Answer Answerer::maintain(const api::MarketAsk& question) {
  if (!question.call) return unsigned_call();
  const bool plans = question.call->method == "POST";
  const base::UnixMillis now_ms = parts_.clock.now_ms();
  TRY(const CheckedCall call,
      calls_.take(*question.call, plans ? "POST" : "DELETE",
                  "/v1/hosts/" + parts_.host.to_string() + "/maintenance", parts_.host, now_ms));
  auto answer = empty_answer();
  answer.maintenance = api::Maintenance{parts_.host, {}};
  std::optional<base::UnixSeconds> from_s;
  if (plans) {
    TRY(const auto wanted, api::maintenance_request_from_json(call.body));
    TRY(from_s, drain_at(wanted.from_s, now_ms));
    answer.maintenance->from_s = static_cast<std::uint64_t>(*from_s);
  }
  TRY_VOID(parts_.drain(from_s));
  return answer;
}

Answerer::Answer Answerer::logs(const api::MarketAsk& question) {
  TRY(const CheckedCall call, checked(question, "GET", "logs"));
  TRY(const std::size_t lines, lines_of(call.query));
  TRY(const std::string bytes, parts_.containers.last_output(question.lease->to_string(), lines));
  LogText text = log_text(bytes);
  auto answer = empty_answer();
  answer.logs = api::LeaseLogs{*question.lease, std::move(text.text), text.truncated};
  return answer;
}

Answerer::Answer Answerer::execute(const api::MarketAsk& question, const std::stop_token& stop) {
  TRY(const CheckedCall call, checked(question, "POST", "exec"));
  TRY(const ports::Command command, command_of(call.body));
  TRY(const ports::CommandEnd end,
      parts_.containers.execute(question.lease->to_string(), command, stop));
  auto answer = empty_answer();
  answer.exec =
      api::ExecResult{static_cast<std::uint32_t>(std::clamp(end.exit_code, 0, 255)),
                      base::to_base64(base::view_of(end.output)),
                      base::to_base64(base::view_of(end.errors)), end.truncated, end.timed_out};
  return answer;
}

void Answerer::say(const std::string& id, const Answer& answer) {
  api::HostAnswer message = answer ? *answer : empty_answer();
  message.id = id;
  if (!answer) {
    const Error& error = answer.error();
    message.problem = api::HostProblem{std::string(base::code_name(error.code)),
                                       error.message.substr(0, 1000), error.action.substr(0, 1000)};
  }
  parts_.say(api::to_json(message));
}

}  // namespace obelisk::host
