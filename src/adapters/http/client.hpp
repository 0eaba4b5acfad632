// Client: blocking HTTP/1.1 calls to one server over TCP, TLS or a unix socket, each inside one
// deadline. Any thread may call; connections are kept and reused. It must never trust a server: its
// answers are bounded, certificates are checked against the system's store.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "adapters/http/message.hpp"
#include "adapters/http/url.hpp"
#include "base/result.hpp"

namespace obelisk::http {

struct ClientOptions {
  std::vector<Header> headers = {};  // added to every request that does not set them itself
  std::size_t max_response_bytes = 16 << 20;
  std::size_t max_idle_connections = 4;
  // PEM file of the only authority to believe, instead of the system's; empty: the system's.
  std::string authority_file = {};
};

// One event of a text/event-stream. `id` is the last one the server gave, as the standard has it.
struct Event {
  std::string id;
  std::string event;  // "message" where the server named none
  std::string data;
};

class Client {
 public:
  explicit Client(Url base, ClientOptions options = {});
  ~Client();  // no call may be under way
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Sends the request to base's path + request.path (base's query first) and returns the whole
  // answer, whatever its status. Name look-up, connecting, TLS, writing and reading share
  // `timeout`. Errors: unreachable (no connection, broken off, a bad certificate), timeout,
  // invalid_input (a header or path that cannot be sent), refused (an answer that is too large or
  // not HTTP). A call is repeated once by itself only if a kept connection turned out dead and the
  // method is idempotent or nothing was sent.
  base::Result<Response> call(const Request& request, std::chrono::milliseconds timeout);

  // Reads a text/event-stream on this thread. Done (ok) when on_event returned false or `stop` was
  // requested. Errors: unreachable when the server ended or lost the stream (reconnect with the
  // Last-Event-ID header), timeout when nothing at all came for idle_timeout (heartbeats count),
  // refused for an event over 1 MiB, what error_from() says for a status other than 200.
  base::Result<void> stream(const Request& request,
                            const std::function<bool(const Event&)>& on_event,
                            std::chrono::milliseconds idle_timeout, std::stop_token stop);

  const Url& base() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace obelisk::http
