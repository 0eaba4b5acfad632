// JsonRpc: one JSON-RPC 2.0 call to a Solana node, from question to `result`, inside one deadline.
// Internal to this folder, since it shows Boost.JSON. It must never repeat a call that could happen
// twice.
#pragma once

#include <atomic>
#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <functional>
#include <string_view>

#include "adapters/http/client.hpp"
#include "base/result.hpp"
#include "ports/clock.hpp"

namespace obelisk::solana_rpc {

namespace json = boost::json;

// Whether asking again is harmless where it is not known if the first question arrived.
enum class Repeat { harmless, never };

class JsonRpc {
 public:
  JsonRpc(const http::Url& url, int timeout_ms, ports::Clock& clock,
          std::function<void(int ms)> pause, std::function<void(int ms)> on_limited = {});

  // The value of "result". Errors: unreachable, timeout, rate_limited (still, after waiting as long
  // as the node asked and the deadline allows), and those of rpc_error().
  base::Result<json::value> call(std::string_view method, json::array params,
                                 Repeat repeat = Repeat::harmless);
  // The node as people may see it: without the path, which can hold an API key.
  const std::string& where() const { return where_; }

 private:
  // Waits for as long as the node asked, if that ends before the deadline.
  bool may_ask(std::int64_t deadline_ms);
  base::Result<json::value> once(const std::string& body, std::uint64_t id, int timeout_ms,
                                 int& retry_after_ms);

  std::string path_;
  std::string query_;
  std::string where_;
  int timeout_ms_;
  ports::Clock& clock_;
  std::function<void(int)> pause_;
  std::function<void(int)> on_limited_;  // where there is one, a 429 is not waited out
  http::Client client_;
  std::atomic<std::uint64_t> next_id_{1};
  // Steady clock: until then the node wants to be left alone, by every call.
  std::atomic<std::int64_t> not_before_ms_{0};
};

// The Error of a JSON-RPC error object, in words for people.
base::Error rpc_error(const json::value& error, std::string_view where);

}  // namespace obelisk::solana_rpc
