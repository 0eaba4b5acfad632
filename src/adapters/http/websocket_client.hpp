// WebSocketClient: one outgoing WebSocket with a thread of its own. It does not reconnect: whoever
// holds it knows what must be said again first. No handler runs after its destructor, which must
// never run inside a handler.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "adapters/http/message.hpp"
#include "adapters/http/url.hpp"
#include "adapters/http/websocket.hpp"
#include "base/result.hpp"

namespace obelisk::http {

struct WebSocketClientOptions {
  std::vector<Header> headers = {};  // of the opening request
  std::size_t max_message_bytes = 1 << 20;
  int ping_interval_ms = 20'000;
  int silence_limit_ms = 60'000;    // a server that sent nothing for so long is given up
  std::string authority_file = {};  // as in ClientOptions
};

class WebSocketClient : public WebSocket {
 public:
  // Connects within `timeout` (name look-up and TLS included) to a ws:// or wss:// URL. Errors:
  // unreachable, timeout, invalid_input (not a WebSocket URL), what error_from() says when the
  // server answers with something other than a WebSocket. The handlers run on the socket's own
  // thread, which is also the one that sends: they should return within a second. Their first call
  // may come before connect() returns.
  static base::Result<std::unique_ptr<WebSocketClient>> connect(
      const Url& url, WebSocketHandlers handlers, const WebSocketClientOptions& options,
      std::chrono::milliseconds timeout);
  // Says goodbye and joins in under a second, unless a handler does not return. on_close runs if it
  // has not yet.
  ~WebSocketClient() override;
  WebSocketClient(const WebSocketClient&) = delete;
  WebSocketClient& operator=(const WebSocketClient&) = delete;

  bool send(std::string_view text) override;
  bool send_binary(std::string_view bytes) override;
  std::size_t queued_bytes() const override;
  void close(std::string_view reason) override;
  bool closed() const override;

 private:
  class Impl;
  explicit WebSocketClient(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace obelisk::http
