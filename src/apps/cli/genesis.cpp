#include "apps/cli/genesis.hpp"

#include <boost/json.hpp>
#include <chrono>

#include "adapters/http/client.hpp"
#include "adapters/http/url.hpp"

namespace obelisk::cli {
namespace {

using base::Code;
using base::Error;

constexpr std::chrono::milliseconds kTimeout{10'000};
constexpr std::size_t kMaxAnswerBytes = 64 << 10;

// One question without parameters.
base::Result<std::string> ask(const std::string& rpc_url, const std::string& method) {
  TRY(http::Url url, http::Url::parse(rpc_url));
  http::ClientOptions options;
  options.max_response_bytes = kMaxAnswerBytes;
  http::Client client(url, options);
  http::Request request;
  request.method = "POST";
  request.path = "";
  request.headers.push_back({"Content-Type", "application/json"});
  request.body = R"({"jsonrpc":"2.0","id":1,"method":")" + method + R"(","params":[]})";
  auto response = client.call(request, kTimeout);
  if (!response) {
    Error error = response.error();
    error.message = "The node at " + url.where() + " does not answer. " + error.message;
    error.action = "Check --rpc-url.";
    return error;
  }
  return std::move(response->body);
}

}  // namespace

base::Result<base::Hash> parse_genesis_answer(std::string_view text) {
  boost::system::error_code failed;
  const boost::json::value answer = boost::json::parse(text, failed);
  const auto* object = failed ? nullptr : answer.if_object();
  const auto* result = object == nullptr ? nullptr : object->if_contains("result");
  const auto* hash = result == nullptr ? nullptr : result->if_string();
  if (hash != nullptr) {
    if (const auto parsed = base::Hash::parse(std::string_view(*hash))) return *parsed;
  }
  return Error{Code::unreachable, "The node does not say which network it belongs to.",
               "Check --rpc-url."};
}

base::Result<base::Hash> genesis_hash(const std::string& rpc_url) {
  TRY(const std::string answer, ask(rpc_url, "getGenesisHash"));
  return parse_genesis_answer(answer);
}

base::Result<std::uint64_t> parse_first_block_answer(std::string_view text) {
  boost::system::error_code failed;
  const boost::json::value answer = boost::json::parse(text, failed);
  const auto* object = failed ? nullptr : answer.if_object();
  const auto* result = object == nullptr ? nullptr : object->if_contains("result");
  if (result != nullptr && result->is_int64() && result->as_int64() >= 0) {
    return static_cast<std::uint64_t>(result->as_int64());
  }
  return Error{Code::unreachable, "The node does not say how far back its blocks go.",
               "Ask another node with --rpc-url."};
}

base::Result<std::uint64_t> first_available_block(const std::string& rpc_url) {
  TRY(const std::string answer, ask(rpc_url, "getFirstAvailableBlock"));
  return parse_first_block_answer(answer);
}

bool names_mainnet(std::string_view rpc_url) {
  std::string lower(rpc_url);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower.find("mainnet") != std::string::npos;
}

}  // namespace obelisk::cli
