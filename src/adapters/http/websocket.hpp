// WebSocket: an open connection that carries messages both ways, seen alike from the server
// and from the client. Implementations must never call on_message and on_close at the same time,
// nor either of them after on_close.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace obelisk::http {

// on_message and on_binary run for one message after the other, in order. on_close runs once, last.
// All may call send() and close(). Exceptions they throw close the socket. A binary message closes
// it where there is no on_binary.
struct WebSocketHandlers {
  std::function<void(std::string_view text)> on_message;
  std::function<void(std::string_view reason)> on_close;
  std::function<void(std::string_view bytes)> on_binary = {};
};

class WebSocket {
 public:
  virtual ~WebSocket() = default;
  // Queues one text message and returns at once; any thread. False: the socket is closed, and the
  // message will not arrive. A peer so slow that 1024 messages or 16 MiB (at a server:
  // max_queued_bytes) wait for it is closed.
  // True is no promise that the peer has read it.
  virtual bool send(std::string_view text) = 0;
  // The same with bytes that are no text.
  virtual bool send_binary(std::string_view bytes) = 0;
  // How much waits to be written to the peer.
  virtual std::size_t queued_bytes() const = 0;
  // Says goodbye after what is queued, in at most two seconds; any thread. The reason (at most 120
  // bytes arrive) is for people. Harmless when closed.
  virtual void close(std::string_view reason) = 0;
  virtual bool closed() const = 0;
};

}  // namespace obelisk::http
