#include "apps/cli/genesis.hpp"

#include <boost/json.hpp>

#include "adapters/http/url.hpp"

namespace obelisk::cli {
namespace {

using base::Code;
using base::Error;
using std::chrono::milliseconds;

constexpr std::size_t kMaxAnswerBytes = 64 << 10;

http::ClientOptions client_options() {
  http::ClientOptions options;
  options.max_response_bytes = kMaxAnswerBytes;
  return options;
}

// What stands under "result" of an answer; null where there is none.
boost::json::value result_of(std::string_view text) {
  boost::system::error_code failed;
  const boost::json::value answer = boost::json::parse(text, failed);
  const auto* object = failed ? nullptr : answer.if_object();
  const auto* result = object == nullptr ? nullptr : object->if_contains("result");
  return result == nullptr ? boost::json::value() : *result;
}

}  // namespace

NodeQuestions::NodeQuestions(const http::Url& url, milliseconds timeout)
    : client_(url, client_options()), timeout_(timeout) {}

base::Result<std::unique_ptr<NodeQuestions>> NodeQuestions::open(const std::string& rpc_url,
                                                                 milliseconds timeout) {
  TRY(const http::Url url, http::Url::parse(rpc_url));
  return std::unique_ptr<NodeQuestions>(new NodeQuestions(url, timeout));
}

base::Result<std::string> NodeQuestions::ask(const std::string& method, const std::string& params) {
  http::Request request;
  request.method = "POST";
  request.path = "";
  request.headers.push_back({"Content-Type", "application/json"});
  request.body = R"({"jsonrpc":"2.0","id":1,"method":")" + method + R"(","params":)" + params + "}";
  auto response = client_.call(request, timeout_);
  if (!response) {
    Error error = response.error();
    error.message = "The node at " + client_.base().where() + " does not answer. " + error.message;
    error.action = "Check --rpc-url.";
    return error;
  }
  return std::move(response->body);
}

base::Result<base::Hash> parse_genesis_answer(std::string_view text) {
  const boost::json::value result = result_of(text);
  if (const auto* hash = result.if_string()) {
    if (const auto parsed = base::Hash::parse(std::string_view(*hash))) return *parsed;
  }
  return Error{Code::unreachable, "The node does not say which network it belongs to.",
               "Check --rpc-url."};
}

base::Result<base::Hash> NodeQuestions::genesis_hash() {
  TRY(const std::string answer, ask("getGenesisHash"));
  return parse_genesis_answer(answer);
}

base::Result<std::uint64_t> parse_number_answer(std::string_view text) {
  const boost::json::value result = result_of(text);
  if (result.is_int64() && result.as_int64() >= 0) {
    return static_cast<std::uint64_t>(result.as_int64());
  }
  return Error{Code::unreachable, "The node does not say which blocks it has.",
               "Ask another node with --rpc-url."};
}

base::Result<std::uint64_t> NodeQuestions::first_available_block() {
  TRY(const std::string answer, ask("getFirstAvailableBlock"));
  return parse_number_answer(answer);
}

base::Result<std::uint64_t> NodeQuestions::confirmed_slot() {
  TRY(const std::string answer, ask("getSlot", R"([{"commitment":"confirmed"}])"));
  return parse_number_answer(answer);
}

bool names_mainnet(std::string_view rpc_url) {
  std::string lower(rpc_url);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower.find("mainnet") != std::string::npos;
}

}  // namespace obelisk::cli
