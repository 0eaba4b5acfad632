// SocketLoop: the life of one WebSocket on an input-output thread, the same at both ends: opening,
// reading, writing what its outbox holds, pinging, giving up a silent peer, closing. It must never
// call its receiver twice at a time.
#pragma once

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <memory>
#include <string>

#include "adapters/http/detail/outbox.hpp"
#include "adapters/http/detail/stream.hpp"
#include "adapters/http/message.hpp"
#include "adapters/http/websocket.hpp"
#include "base/result.hpp"

namespace obelisk::http {

struct SocketLoopOptions {
  std::size_t max_message_bytes = 1 << 20;
  bool takes_binary = false;  // else a binary message closes the socket
  int ping_interval_ms = 20'000;
  int silence_limit_ms = 60'000;
  int write_timeout_ms = 30'000;  // for one message; then the peer is given up
  std::string protocol = {};      // accept() chooses it where the peer offers it
};

// Who gets the messages; resumes on the loop's thread when they have been dealt with.
class SocketReceiver {
 public:
  virtual ~SocketReceiver() = default;
  // False: the receiver failed, close the socket.
  virtual asio::awaitable<bool> message(Piece piece) = 0;
  virtual asio::awaitable<void> closed(std::string reason) = 0;
};

// To the handler that it is for.
inline void hand_over(const WebSocketHandlers& handlers, const Piece& piece) {
  const auto& handler = piece.is_binary ? handlers.on_binary : handlers.on_message;
  if (handler) handler(piece.bytes);
}

class SocketLoop {
 public:
  using OpeningRequest = beast::http::request<beast::http::string_body>;

  // `owner` keeps the stream alive as long as the loop's coroutines run.
  static std::shared_ptr<SocketLoop> make(Stream& stream, std::shared_ptr<void> owner,
                                          std::shared_ptr<Outbox> outbox,
                                          SocketLoopOptions options);
  virtual ~SocketLoop() = default;

  // One of the two opens, then run() until the end.
  virtual asio::awaitable<error_code> accept(const OpeningRequest& request) = 0;
  // Null-status answer in `declined` unless the server said something else than 101.
  virtual asio::awaitable<error_code> handshake(std::string host, std::string target,
                                                std::vector<Header> headers,
                                                Response& declined) = 0;
  virtual asio::awaitable<void> run(SocketReceiver& receiver) = 0;
  // The outbox has something new, or was closed. On the loop's thread.
  virtual void wake() = 0;
};

}  // namespace obelisk::http
