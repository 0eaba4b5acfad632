// WebSocketServer: speaks WebSocket on connected sockets that somebody else let in, one opening
// request each. What is not such a request is answered in plain text and closed. Its handlers run
// on the threads that carry bytes, so they must not wait. Nothing of it runs after its destructor,
// which must never run in one of its handlers.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "adapters/http/io_threads.hpp"
#include "adapters/http/message.hpp"
#include "adapters/http/websocket.hpp"
#include "base/result.hpp"

namespace obelisk::http {

struct WebSocketServerOptions {
  std::size_t max_connections = 256;  // beyond: 503
  std::size_t max_header_bytes = 16 << 10;
  std::size_t max_message_bytes = 64 << 10;
  std::size_t max_queued_bytes = 1 << 20;  // for one peer; beyond, it is closed
  int request_timeout_ms = 10'000;         // for the opening request
  int write_timeout_ms = 30'000;           // for one message
  int ping_interval_ms = 15'000;
  int silence_limit_ms = 45'000;  // a peer that sent nothing for so long is closed
  // The sub-protocol that is chosen where a peer offers it: browsers that offer any, and be it to
  // show a pass, close a socket for which none of theirs was chosen.
  std::string protocol = {};
};

struct AcceptedSocket {
  WebSocketHandlers handlers;
  // Asked after each message: as long as it says so, a minute at most, nothing more is read, and
  // the peer has to wait. May be empty.
  std::function<bool()> is_full = {};
};

class WebSocketServer {
 public:
  // Says whether the request is let in; the socket may be used (and queues) at once. An error is
  // answered with its words.
  using Open =
      std::function<base::Result<AcceptedSocket>(const Request&, std::shared_ptr<WebSocket>)>;

  WebSocketServer(IoThreads& threads, WebSocketServerOptions options);
  // Says goodbye to everybody and returns once all are gone, in some three seconds at most.
  ~WebSocketServer();
  WebSocketServer(const WebSocketServer&) = delete;
  WebSocketServer& operator=(const WebSocketServer&) = delete;

  // Owns `fd`, a connected stream socket of the unix family. Any thread; returns at once.
  void take(int fd, Open open);

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace obelisk::http
