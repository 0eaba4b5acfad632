#include "adapters/solana/json_rpc.hpp"

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "adapters/solana/answers.hpp"
#include "core/solana/retry_after.hpp"

namespace obelisk::solana_rpc {
namespace {

using base::Code;
using base::Error;

constexpr std::size_t kMaxAnswerBytes = 64 << 20;
constexpr int kDefaultRetryAfterMs = 1'000;

http::ClientOptions client_options() {
  http::ClientOptions options;
  options.headers = {{"Content-Type", "application/json"}};
  options.max_response_bytes = kMaxAnswerBytes;
  return options;
}

// The whole path goes into each request: the URL of a node may end in a key, and nothing else.
http::Url without_path(http::Url url) {
  url.path.clear();
  url.query.clear();
  return url;
}

int retry_after_ms_of(const http::Response& response, base::UnixMillis now_ms) {
  const std::string_view text = response.header("Retry-After").value_or("");
  return solana::retry_after_ms(text, now_ms).value_or(kDefaultRetryAfterMs);
}

Error bad_answer(const std::string& where) {
  return {Code::unreachable, "What " + where + " answers is not Solana's JSON-RPC.",
          "Check the RPC URL."};
}

Error limited_error(const std::string& said) {
  return {Code::rate_limited, said, "Wait a minute, or use another RPC node."};
}

// Too many requests; or busy, and says until when.
bool asks_for_rest(const http::Response& response) {
  return response.status == 429 || (response.status == 503 && response.header("Retry-After"));
}

Error status_error(const std::string& where, int status) {
  const std::string said = where + " answers with HTTP status " + std::to_string(status) + ".";
  if (status == 429) return limited_error(said);
  if (status == 401 || status == 403) {
    return {Code::forbidden, said, "Check the API key of the RPC URL, or use another node."};
  }
  return {Code::unreachable, said, "Try again, or use another RPC node."};
}

}  // namespace

JsonRpc::JsonRpc(const http::Url& url, int timeout_ms, ports::Clock& clock,
                 std::function<void(int)> pause, std::function<void(int)> on_limited)
    : path_(url.path),
      query_(url.query),
      where_(url.where()),
      timeout_ms_(timeout_ms),
      clock_(clock),
      pause_(std::move(pause)),
      on_limited_(std::move(on_limited)),
      client_(without_path(url), client_options()) {}

base::Result<json::value> JsonRpc::call(std::string_view method, json::array params,
                                        Repeat repeat) {
  const std::uint64_t id = next_id_++;
  const std::string body = json::serialize(json::object{
      {"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", std::move(params)}});
  const std::int64_t deadline_ms = clock_.steady_ms() + timeout_ms_;
  bool repeated = repeat == Repeat::never;
  while (true) {
    if (!may_ask(deadline_ms)) return limited_error(where_ + " asked to be left alone for now.");
    const std::int64_t left_ms = std::max<std::int64_t>(1, deadline_ms - clock_.steady_ms());
    int retry_after_ms = kDefaultRetryAfterMs;
    auto answer = once(body, id, static_cast<int>(left_ms), retry_after_ms);
    if (answer.ok()) return answer;
    const std::int64_t now_ms = clock_.steady_ms();
    if (answer.error().code == Code::rate_limited && on_limited_) {
      on_limited_(retry_after_ms);
      return answer;
    }
    if (answer.error().code == Code::rate_limited) {
      const std::int64_t until_ms = now_ms + std::max(retry_after_ms, 50);
      not_before_ms_ = std::max(not_before_ms_.load(), until_ms);
      // The node did not do what was asked, so any call may be repeated.
      if (until_ms < deadline_ms) continue;
      return answer;
    }
    if (answer.error().code != Code::unreachable || repeated || now_ms >= deadline_ms) {
      return answer;
    }
    repeated = true;  // once, for a kept connection that the node had closed meanwhile
  }
}

bool JsonRpc::may_ask(std::int64_t deadline_ms) {
  const std::int64_t wait_ms = not_before_ms_ - clock_.steady_ms();
  if (wait_ms <= 0) return true;
  if (clock_.steady_ms() + wait_ms >= deadline_ms) return false;
  pause_(static_cast<int>(wait_ms));
  return true;
}

base::Result<json::value> JsonRpc::once(const std::string& body, std::uint64_t id, int timeout_ms,
                                        int& retry_after_ms) {
  http::Request request;
  request.method = "POST";
  request.path = path_;
  request.query = query_;
  request.body = body;
  auto called = client_.call(request, std::chrono::milliseconds(timeout_ms));
  // Too large, or not HTTP: nothing that was asked for is wrong, this node is no use.
  if (!called && called.error().code == base::Code::refused) return bad_answer(where_);
  TRY(const http::Response response, std::move(called));
  if (asks_for_rest(response)) {
    retry_after_ms = retry_after_ms_of(response, clock_.now_ms());
    return limited_error(where_ + " answers with HTTP status " + std::to_string(response.status) +
                         ".");
  }
  auto answer = parse_json(response.body);
  json::object* object = answer ? answer->if_object() : nullptr;
  // Some nodes send their JSON-RPC errors with a status other than 200.
  if (object == nullptr || (response.status != 200 && !object->contains("error"))) {
    return response.status == 200 ? bad_answer(where_) : status_error(where_, response.status);
  }
  const json::value* error = object->if_contains("error");
  if (error != nullptr && !error->is_null()) {
    return rpc_error(*error, where_);
  }
  const json::value* answered_id = object->if_contains("id");
  json::value* result = object->if_contains("result");
  if (result == nullptr || answered_id == nullptr || *answered_id != json::value(id)) {
    return bad_answer(where_);
  }
  return std::move(*result);
}

}  // namespace obelisk::solana_rpc
