// Server: HTTP/1.1 with event streams and WebSockets on one port. One thread does all input and
// output; handlers run on worker threads, so that they may block. Nothing of a request reaches a
// handler before it is whole, valid and within bounds. It must never be destroyed or stopped from
// one of its own handlers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/http/forwarded.hpp"
#include "adapters/http/message.hpp"
#include "adapters/http/prepared.hpp"
#include "adapters/http/websocket.hpp"
#include "base/result.hpp"

namespace obelisk::http {

struct ServerOptions {
  std::string address = "127.0.0.1";  // a numeric IPv4 or IPv6 address
  std::uint16_t port = 0;             // 0: the system chooses
  unsigned threads = 8;               // for handlers; 1 to 256
  std::size_t max_body_bytes = 1 << 20;
  std::size_t max_bodies_bytes = 64 << 20;  // of all requests together; beyond: 503
  std::size_t max_header_bytes = 16 << 10;  // the request line and all headers
  std::size_t max_headers = 100;
  std::size_t max_url_bytes = 8 << 10;  // path and query; then 414
  std::size_t max_waiting = 1024;       // requests that no handler has taken yet; beyond: 503
  int request_timeout_ms = 15'000;      // from a request's first byte to its last; then 408
  int write_timeout_ms = 30'000;        // for an answer, a batch of events or a message
  int idle_timeout_ms = 60'000;         // between requests
  std::size_t max_connections = 1024;   // that are no WebSockets; beyond: 503, the door is shut
  std::size_t max_connections_per_address = 1024;  // the same; a trusted proxy has no such limit
  std::size_t max_websockets = 1024;               // beyond: 503
  TrustedProxies trusted_proxies = {};             // whose X-Forwarded-For is believed
  int heartbeat_ms = 15'000;                       // a comment in every event stream
  int ping_interval_ms = 20'000;                   // to every WebSocket
  int silence_limit_ms = 60'000;           // a WebSocket that sent nothing for so long is closed
  std::size_t max_queued_events = 1024;    // per event stream; a reader this slow is dropped
  std::size_t max_queued_bytes = 4 << 20;  // per event stream or WebSocket, the same
  std::string certificate_file = {};       // PEM chain; with key_file: TLS 1.2 or newer
  std::string key_file = {};
  // How many bytes of a body this target may send to be dropped as they come; 0: a body like any
  // other. On the input-output thread: it must answer in microseconds. May be empty.
  std::function<std::size_t(std::string_view method, std::string_view target)> swallows = {};
  // Gets one line per bug (an exception in a handler, an answer twice); any thread. May be empty.
  std::function<void(std::string_view line)> log = {};
};

// An open text/event-stream. Owned by whoever holds it and by the connection; letting go of it does
// not end the stream, close() does.
class EventStream {
 public:
  virtual ~EventStream() = default;
  // Queues one event and returns at once; any thread. Empty id or event: the field is left out.
  // Data may have several lines. False: the reader is gone, or was dropped for being too slow.
  virtual bool send(std::string_view id, std::string_view event, std::string_view data) = 0;
  // Ends the stream after what is queued; any thread.
  virtual void close() = 0;
  virtual bool closed() const = 0;
  // How many events wait for the reader.
  virtual std::size_t queued() const = 0;
};

// An answer that comes later. Any thread may give it, once; where the last holder lets go without
// one, 500 is given. All of them must be gone before the server is stopped.
class LaterAnswer {
 public:
  virtual ~LaterAnswer() = default;
  virtual void reply(Response response) = 0;
};

// One request waiting for its answer; valid only until the handler returns. The handler answers
// once, in one of four ways, and the answer leaves at once. A handler that answers nothing or
// throws is answered for with 500.
class Exchange {
 public:
  virtual ~Exchange() = default;
  virtual void reply(Response response) = 0;
  // Never null. `headers` are added to the usual ones. A client that reconnects says what it saw
  // last in the Last-Event-ID header.
  virtual std::shared_ptr<EventStream> stream_events(std::vector<Header> headers) = 0;
  // Null if the request does not ask for a WebSocket: then 426 was answered. A longer message than
  // max_message_bytes closes the socket. The handlers run on worker threads and are dropped after
  // on_close, so they may own what they use; the socket may be used (and queues) at once.
  virtual std::shared_ptr<WebSocket> accept_websocket(WebSocketHandlers handlers,
                                                      std::size_t max_message_bytes) = 0;
  // Never null. The connection waits for it; no thread does.
  virtual std::shared_ptr<LaterAnswer> answer_later() = 0;
};

// Called on a worker thread, several at a time. It may block for some hundred milliseconds.
using Handler = std::function<void(const Request&, Exchange&)>;

// A plain GET or HEAD without a body, credentials or conditions but If-None-Match. The views live
// as long as the call.
struct QuickRequest {
  bool head = false;
  std::string_view target;  // path and query, percent-encoded
  std::string_view if_none_match;
  std::string remote_address;
};

// An answer that is there already, and what this one has besides; null: a handler answers.
struct Known {
  std::shared_ptr<const Prepared> answer;
  std::vector<Header> headers = {};
};

// Called on the input-output thread before any handler: it must answer in microseconds, from what
// is there already and is anybody's to see. Errors must not leave it.
using QuickAnswer = std::function<Known(const QuickRequest&)>;

class Server {
 public:
  // Without `quick` every request goes to the handler.
  Server(ServerOptions options, Handler handler, QuickAnswer quick = {});
  ~Server();  // stops
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Listens and serves until stop(). The bound port, or missing_dependency if the port is taken or
  // the address is not this machine's, invalid_input for a bad address. Once per server.
  base::Result<std::uint16_t> start();
  // Lets no one in any more, gives answers under way one second, ends streams and sockets (their
  // on_close runs), joins all threads. As long as the longest handler, else under two seconds.
  void stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace obelisk::http
