// Session: one accepted connection, from its first byte to its last: requests one after the other,
// then perhaps an event stream or a WebSocket. Everything runs on the server's input-output thread
// except the handler itself. It must never wait for a peer without a limit.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "adapters/http/detail/exchange.hpp"
#include "adapters/http/detail/reply.hpp"
#include "adapters/http/detail/socket_loop.hpp"
#include "adapters/http/detail/stream.hpp"
#include "adapters/http/detail/wakeup.hpp"
#include "adapters/http/server.hpp"

namespace obelisk::http {

class Session;

// How long a peer may take to see that we are done.
constexpr int kLingerMs = 1000;

// What the sessions of a server share. It outlives them.
struct ServerCore {
  ServerCore(ServerOptions given, Handler handle, QuickAnswer answer)
      : options(std::move(given)),
        handler(std::move(handle)),
        quick(std::move(answer)),
        workers(options.threads) {}

  void log(const std::string& line) const {
    if (options.log) options.log(line);
  }

  const ServerOptions options;
  const Handler handler;
  const QuickAnswer quick;  // may be empty
  std::unique_ptr<asio::ssl::context> tls;
  asio::io_context io{1};
  asio::thread_pool workers;
  // Of the input-output thread alone.
  std::set<std::shared_ptr<Session>> sessions;
  std::size_t websockets = 0;                     // of the sessions
  std::map<std::string, std::size_t> by_address;  // the others, by who is at the other end
  std::size_t bodies_bytes = 0;                   // promised to bodies that are read or handled
  std::atomic<std::size_t> waiting = 0;           // requests no handler has taken; any thread
  bool stopping = false;
  std::function<void()> when_empty;
};

class Session final : public std::enable_shared_from_this<Session>, private SocketReceiver {
 public:
  Session(ServerCore& core, Stream::Socket socket, std::string remote_address);

  // Lives in core.sessions until it is done.
  asio::awaitable<void> run();
  // Ends after what is under way.
  void stop();
  // Ends now.
  void kill() { stream_.close(); }

 private:
  using Opening = SocketLoop::OpeningRequest;
  using HeaderParser = beast::http::request_parser<beast::http::string_body>;
  enum class Doing { opening, waiting, reading, handling, streaming, socket };
  enum class Limit { reading, everything };

  asio::awaitable<bool> open();
  asio::awaitable<bool> serve_one();
  asio::awaitable<bool> serve_quick();
  asio::awaitable<std::optional<Opening>> read_request();
  std::size_t swallows(const Opening& message) const;
  asio::awaitable<Opening> swallow(HeaderParser& parser, std::size_t most, error_code& ec);
  asio::awaitable<bool> await_bytes();
  bool reserve_body(std::size_t bytes);
  void release_body();
  void become_websocket();
  void leave();
  asio::awaitable<void> refuse(Response response);
  asio::awaitable<bool> write(std::string_view first, std::string_view second,
                              std::size_t times = 1);
  asio::awaitable<Answer> handle(Request request, bool wants_socket);
  asio::awaitable<void> run_events(EventsAnswer answer);
  asio::awaitable<void> watch_reader(std::shared_ptr<Outbox> outbox);
  asio::awaitable<void> run_socket(SocketAnswer answer, const Opening& opening);
  asio::awaitable<bool> on_worker(std::function<void()> work);
  asio::awaitable<bool> message(Piece piece) override;
  asio::awaitable<void> closed(std::string reason) override;
  asio::awaitable<void> linger();

  // Until unguard() or the next guard: after `limit_ms` reading ends, or everything does. One timer
  // runs on from guard to guard, for setting one costs more than a request.
  void guard(int limit_ms, Limit limit);
  void unguard() { guarded_ = false; }
  void arm();
  void on_timer();

  ServerCore& core_;
  Stream stream_;
  std::string remote_address_;
  beast::flat_buffer buffer_;
  asio::steady_timer timer_;
  Wakeup wakeup_;
  Wakeup reader_ended_;
  Doing doing_ = Doing::opening;
  bool guarded_ = false;
  Limit limit_ = Limit::everything;
  std::chrono::steady_clock::time_point deadline_;
  std::chrono::steady_clock::time_point armed_for_;
  unsigned armed_ = 0;  // counts the waits of the timer; the last one alone counts
  bool is_armed_ = false;
  bool late_ = false;
  bool is_websocket_ = false;
  std::size_t reserved_bytes_ = 0;
  std::size_t swallowed_ = 0;  // of the request's body
  bool worker_done_ = false;
  bool worker_good_ = false;
  bool lingering_ = false;
  std::optional<Answer> answer_;
  std::shared_ptr<Outbox> outbox_;  // of the stream or the socket that this became
  WebSocketHandlers handlers_;
  std::shared_ptr<SocketLoop> loop_;
};

}  // namespace obelisk::http
