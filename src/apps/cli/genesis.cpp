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
  TRY(http::Url url, http::Url::parse(rpc_url));
  http::ClientOptions options;
  options.max_response_bytes = kMaxAnswerBytes;
  http::Client client(url, options);
  http::Request request;
  request.method = "POST";
  request.path = "";
  request.headers.push_back({"Content-Type", "application/json"});
  request.body = R"({"jsonrpc":"2.0","id":1,"method":"getGenesisHash","params":[]})";
  auto response = client.call(request, kTimeout);
  if (!response) {
    Error error = response.error();
    error.message = "The node at " + url.where() + " does not answer. " + error.message;
    error.action = "Check --rpc-url.";
    return error;
  }
  return parse_genesis_answer(response->body);
}

bool names_mainnet(std::string_view rpc_url) {
  std::string lower(rpc_url);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower.find("mainnet") != std::string::npos;
}

}  // namespace obelisk::cli
