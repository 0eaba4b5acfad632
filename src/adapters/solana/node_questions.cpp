#include "adapters/solana/node_questions.hpp"

#include <boost/json.hpp>
#include <thread>

#include "adapters/http/url.hpp"

namespace obelisk::solana_rpc {
namespace {

using base::Code;
using base::Error;
using std::chrono::milliseconds;

constexpr std::size_t kMaxAnswerBytes = 64 << 10;
// A node that says nothing for so long is left out, and people wait no longer for the others.
constexpr milliseconds kPatience{3'000};

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

NodeReport ask_node(const std::string& rpc_url) {
  const Error no_answer{Code::unreachable, "The node does not answer.", "Check the RPC URL."};
  NodeReport out{"a node", no_answer, no_answer};
  if (const auto url = http::Url::parse(rpc_url)) out.where = url->where();
  const auto node = NodeQuestions::open(rpc_url, kPatience);
  if (!node) return out;
  out.genesis = (*node)->genesis_hash();
  // Without the first, the second is worth nothing, and would cost the same patience again.
  if (out.genesis) out.confirmed_slot = (*node)->confirmed_slot();
  return out;
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
    error.action = "Check the RPC URL.";
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
               "Check the RPC URL."};
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
               "Ask another RPC node."};
}

base::Result<std::uint64_t> NodeQuestions::first_available_block() {
  TRY(const std::string answer, ask("getFirstAvailableBlock"));
  return parse_number_answer(answer);
}

base::Result<std::uint64_t> NodeQuestions::confirmed_slot() {
  TRY(const std::string answer, ask("getSlot", R"([{"commitment":"confirmed"}])"));
  return parse_number_answer(answer);
}

std::vector<NodeReport> ask_nodes(const std::vector<std::string>& rpc_urls) {
  const NodeReport nothing{"", Error{Code::unreachable, "", ""}, Error{Code::unreachable, "", ""}};
  std::vector<NodeReport> out(rpc_urls.size(), nothing);
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < rpc_urls.size(); ++i) {
    threads.emplace_back([&out, &rpc_urls, i] { out[i] = ask_node(rpc_urls[i]); });
  }
  threads.clear();  // joins them
  return out;
}

bool names_mainnet(std::string_view rpc_url) {
  std::string lower(rpc_url);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower.find("mainnet") != std::string::npos;
}

}  // namespace obelisk::solana_rpc
