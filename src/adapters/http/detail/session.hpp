// Session: one accepted connection, from its first byte to its last: requests one after the other,
// then perhaps an event stream or a WebSocket. Everything runs on the server's input-output thread
// except the handler itself. It must never wait for a peer without a limit.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/beast/core/flat_buffer.hpp>
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
  ServerCore(ServerOptions given, Handler handle)
      : options(std::move(given)), handler(std::move(handle)), workers(options.threads) {}

  void log(const std::string& line) const {
    if (options.log) options.log(line);
  }

  const ServerOptions options;
  const Handler handler;
  std::unique_ptr<asio::ssl::context> tls;
  asio::io_context io{1};
  asio::thread_pool workers;
  // Of the input-output thread alone.
  std::set<std::shared_ptr<Session>> sessions;
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
  enum class Doing { opening, waiting, reading, handling, streaming, socket };
  enum class Limit { reading, everything };

  asio::awaitable<bool> open();
  asio::awaitable<bool> serve_one();
  asio::awaitable<std::optional<Opening>> read_request();
  asio::awaitable<void> refuse(Response response);
  asio::awaitable<bool> write(std::string_view first, std::string_view second);
  asio::awaitable<Answer> handle(Request request, bool wants_socket);
  asio::awaitable<void> run_events(EventsAnswer answer);
  asio::awaitable<void> watch_reader(std::shared_ptr<Outbox> outbox);
  asio::awaitable<void> run_socket(SocketAnswer answer, const Opening& opening);
  asio::awaitable<bool> on_worker(std::function<void()> work);
  asio::awaitable<bool> message(std::string text) override;
  asio::awaitable<void> closed(std::string reason) override;
  asio::awaitable<void> linger();

  // Until unguard() or the next guard: after `limit_ms` reading ends, or everything does.
  void guard(int limit_ms, Limit limit);
  void unguard();

  ServerCore& core_;
  Stream stream_;
  std::string remote_address_;
  beast::flat_buffer buffer_;
  asio::steady_timer timer_;
  Wakeup wakeup_;
  Wakeup reader_ended_;
  Doing doing_ = Doing::opening;
  unsigned guard_ = 0;
  bool late_ = false;
  bool worker_done_ = false;
  bool worker_good_ = false;
  bool lingering_ = false;
  std::optional<Answer> answer_;
  std::shared_ptr<Outbox> outbox_;  // of the stream or the socket that this became
  WebSocketHandlers handlers_;
  std::shared_ptr<SocketLoop> loop_;
};

}  // namespace obelisk::http
