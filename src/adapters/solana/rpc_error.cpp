// rpc_error of json_rpc.hpp: the numbers of Solana's JSON-RPC errors, in words.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "adapters/solana/answers.hpp"
#include "adapters/solana/json_rpc.hpp"
#include "adapters/solana/transaction_error.hpp"

namespace obelisk::solana_rpc {
namespace {

using base::Code;
using base::Error;

constexpr std::size_t kMaxLogLines = 64;

std::string text_at(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  const json::string* text = value ? value->if_string() : nullptr;
  return text ? printable({text->data(), text->size()}) : std::string();
}

std::vector<std::string> logs_of(const json::object& data) {
  std::vector<std::string> out;
  const json::value* logs = data.if_contains("logs");
  const json::array* lines = logs ? logs->if_array() : nullptr;
  if (lines == nullptr) return out;
  for (const json::value& line : *lines) {
    const json::string* text = line.if_string();
    if (text != nullptr && out.size() < kMaxLogLines) {
      out.push_back(printable({text->data(), text->size()}));
    }
  }
  return out;
}

Error preflight_error(const json::object& error) {
  const json::value* data = error.if_contains("data");
  const json::object* detail = data ? data->if_object() : nullptr;
  const json::value* cause = detail ? detail->if_contains("err") : nullptr;
  if (cause == nullptr || cause->is_null()) {
    return {Code::rejected_on_chain,
            "The node refuses the transaction: " + text_at(error, "message"),
            "Ask for a new transaction and sign that."};
  }
  return transaction_error(json::serialize(*cause), logs_of(*detail));
}

}  // namespace

Error rpc_error(const json::value& error, std::string_view where) {
  const std::string node(where);
  const json::object* object = error.if_object();
  const json::value* number = object ? object->if_contains("code") : nullptr;
  boost::system::error_code failed;
  const int code = number ? number->to_number<int>(failed) : 0;
  if (number == nullptr || failed) {
    return {Code::unreachable, "What " + node + " answers is not Solana's JSON-RPC.",
            "Check the RPC URL."};
  }
  const std::string said = text_at(*object, "message");
  // The numbers are those of Solana's RPC documentation; the rest is the same advice for all.
  if (code == -32002) return preflight_error(*object);
  if (code == -32003 || code == -32013) {
    return {Code::refused, "The node finds a signature of this transaction wrong.",
            "Sign it again with the wallet it was made for."};
  }
  if (code == -32005 || code == -32016 || code == -32014) {
    return {Code::unreachable, node + " is behind the cluster: " + said + ".",
            "Try again in a few seconds, or use another RPC node."};
  }
  if (code == -32007 || code == -32009) {
    return {Code::not_found, "That slot has no block.", "Ask for another slot."};
  }
  if (code == -32001 || code == -32011) {
    return {Code::unsupported, node + " does not keep so old blocks: " + said + ".",
            "Use an RPC node with a longer history."};
  }
  if (code == -32015) {
    return {Code::unsupported, "This transaction has a version that the node does not give out.",
            "Use another RPC node."};
  }
  if (code == -32601) {
    return {Code::unsupported, node + " does not offer this: " + said + ".",
            "Use another RPC node."};
  }
  if (code == -32602 || code == -32600) {
    return {Code::invalid_input, node + " refuses the question: " + said + ".",
            "Use a newer version of this program, or another RPC node."};
  }
  if (code == 429 || code == -32429) {
    return {Code::rate_limited, node + " is asked too often.",
            "Wait a minute, or use another RPC node."};
  }
  return {Code::unreachable, node + " reports error " + std::to_string(code) + ": " + said + ".",
          "Try again, or use another RPC node."};
}

}  // namespace obelisk::solana_rpc
