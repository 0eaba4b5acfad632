#include "adapters/http/websocket_server.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <condition_variable>
#include <map>
#include <mutex>

#include "adapters/http/detail/lanes.hpp"
#include "adapters/http/detail/reply.hpp"
#include "adapters/http/detail/socket_handle.hpp"
#include "adapters/http/detail/socket_loop.hpp"
#include "adapters/http/detail/to_request.hpp"
#include "adapters/http/detail/wakeup.hpp"

namespace obelisk::http {
namespace {

namespace beast_http = beast::http;
using std::chrono::milliseconds;

constexpr milliseconds kFullLook{10};
constexpr milliseconds kFullLimit{60'000};
constexpr milliseconds kLinger{1'000};

Response in_words(const base::Error& error) {
  Response out;
  out.status = base::http_status(error.code);
  out.content_type = "text/plain; charset=utf-8";
  out.body = error.message + "\n" + error.action + "\n";
  return out;
}

Response in_words(Response response, std::string words) {
  response.content_type = "text/plain; charset=utf-8";
  response.body = std::move(words);
  return response;
}

// One connection, on the thread of its lane.
class Guest final : public std::enable_shared_from_this<Guest>, private SocketReceiver {
 public:
  Guest(asio::io_context& io, Stream::Socket socket, const WebSocketServerOptions& options,
        WebSocketServer::Open open)
      : io_(io),
        stream_(std::move(socket)),
        options_(options),
        open_(std::move(open)),
        limit_(io),
        full_(io.get_executor()) {}

  asio::awaitable<void> run() {
    const auto self = shared_from_this();
    beast_http::request_parser<beast_http::string_body> parser;
    parser.header_limit(static_cast<std::uint32_t>(options_.max_header_bytes));
    parser.body_limit(0);
    error_code ec;
    limit(milliseconds(options_.request_timeout_ms));
    co_await beast_http::async_read(stream_, buffer_, parser, into(ec));
    limit_.cancel();
    if (ec == beast_http::error::end_of_stream || is_stopped_) co_return;
    if (ec) {
      co_await refuse(in_words(refuse_malformed(""), "This is no request for a WebSocket.\n"));
      co_return;
    }
    auto message = parser.release();
    auto request = to_request(message);
    const bool is_upgrade = beast::websocket::is_upgrade(message) && buffer_.size() == 0;
    if (!request || !is_upgrade) {
      co_await refuse(
          in_words(refuse_without_upgrade(), "Here is a WebSocket and nothing else.\n"));
      co_return;
    }
    co_await serve(message, *request);
  }

  // Any thread posts it; ends in two seconds.
  void stop() {
    is_stopped_ = true;
    if (outbox_) return outbox_->finish("the host stops");
    stream_.close();
  }
  void kill() { stream_.close(); }

 private:
  asio::awaitable<void> serve(const SocketLoop::OpeningRequest& message, const Request& request) {
    outbox_ = make_socket_outbox(options_.max_queued_bytes, [weak = weak_from_this(), &io = io_] {
      asio::post(io, [weak] {
        const auto self = weak.lock();
        if (self && self->loop_) self->loop_->wake();
      });
    });
    auto accepted = decide(request);
    if (!accepted) {
      outbox_->detach();
      outbox_->abandon("the WebSocket was not opened");
      co_await refuse(in_words(accepted.error()));
      co_return;
    }
    accepted_ = *std::move(accepted);
    SocketLoopOptions loop;
    loop.max_message_bytes = options_.max_message_bytes;
    loop.takes_binary = accepted_.handlers.on_binary != nullptr;
    loop.ping_interval_ms = options_.ping_interval_ms;
    loop.silence_limit_ms = options_.silence_limit_ms;
    loop.write_timeout_ms = options_.write_timeout_ms;
    loop.protocol = options_.protocol;
    loop_ = SocketLoop::make(stream_, shared_from_this(), outbox_, loop);
    limit(milliseconds(options_.request_timeout_ms));
    const error_code ec = co_await loop_->accept(message);
    limit_.cancel();
    if (ec) {
      outbox_->detach();
      outbox_->abandon("the WebSocket could not be opened: " + ec.message());
      co_await closed(outbox_->reason());
    } else {
      co_await loop_->run(*this);
    }
    loop_.reset();
  }

  base::Result<AcceptedSocket> decide(const Request& request) {
    try {
      return std::exchange(open_, {})(request, make_socket_handle(outbox_));
    } catch (...) {
      return base::Error{base::Code::internal, "The request could not be handled.",
                         "Report it if it stays so."};
    }
  }

  // Says it and waits a moment for the peer to have read it.
  asio::awaitable<void> refuse(Response response) {
    limit(kLinger);
    const std::string text = reply_head(response, Persistence::close) + response.body;
    error_code ec;
    co_await asio::async_write(stream_, asio::buffer(text), into(ec));
    stream_.socket().shutdown(Stream::Socket::shutdown_send, ec);
    std::array<char, 1024> ignored{};
    while (!ec) co_await stream_.async_read_some(asio::buffer(ignored), into(ec));
    limit_.cancel();
    stream_.close();
  }

  asio::awaitable<bool> message(Piece piece) override {
    try {
      hand_over(accepted_.handlers, piece);
    } catch (...) {
      co_return false;
    }
    for (auto waited = milliseconds(0); waited < kFullLimit; waited += kFullLook) {
      if (!accepted_.is_full || outbox_->closed() || !accepted_.is_full()) break;
      co_await full_.sleep_for(kFullLook);
    }
    co_return true;
  }

  asio::awaitable<void> closed(std::string reason) override {
    const AcceptedSocket last = std::exchange(accepted_, {});
    try {
      if (last.handlers.on_close) last.handlers.on_close(reason);
    } catch (...) {
      // The socket is closed already, which is all that a failing handler leads to.
    }
    co_return;
  }

  void limit(milliseconds time) {
    limit_.expires_after(time);
    limit_.async_wait([weak = weak_from_this()](error_code ec) {
      if (const auto self = weak.lock(); self && !ec) self->stream_.close();
    });
  }

  asio::io_context& io_;
  Stream stream_;
  const WebSocketServerOptions options_;
  WebSocketServer::Open open_;
  asio::steady_timer limit_;
  Wakeup full_;
  beast::flat_buffer buffer_;
  std::shared_ptr<Outbox> outbox_;
  std::shared_ptr<SocketLoop> loop_;
  AcceptedSocket accepted_;
  bool is_stopped_ = false;
};

void turn_away(int fd) {
  const Response response = in_words(refuse_full(), "Too many connections are open here.\n");
  const std::string text = reply_head(response, Persistence::close) + response.body;
  (void)::send(fd, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  ::close(fd);
}

}  // namespace

class WebSocketServer::Impl {
 public:
  Impl(IoThreads& threads, WebSocketServerOptions options)
      : lanes_(threads.impl()), options_(std::move(options)) {}

  void take(const std::shared_ptr<Impl>& self, int fd, Open open) {
    ::fcntl(fd, F_SETFD, FD_CLOEXEC);
    asio::io_context& io = lanes_.next();
    {
      const std::lock_guard lock(mutex_);
      if (is_stopping_ || guests_ >= options_.max_connections) return turn_away(fd);
      ++guests_;
    }
    asio::post(io, [self, &io, fd, given = std::move(open)]() mutable {
      Stream::Socket socket(io);
      error_code ec;
      socket.assign(asio::generic::stream_protocol(AF_UNIX, 0), fd, ec);
      if (ec) {
        ::close(fd);
        return self->gone();
      }
      auto guest = std::make_shared<Guest>(io, std::move(socket), self->options_, std::move(given));
      {
        const std::lock_guard lock(self->mutex_);
        self->here_.emplace(guest, &io);
        if (self->is_stopping_) guest->stop();
      }
      asio::co_spawn(io, guest->run(), [self, guest](const std::exception_ptr&) {
        guest->kill();
        {
          const std::lock_guard lock(self->mutex_);
          self->here_.erase(guest);
        }
        self->gone();
      });
    });
  }

  void stop() {
    std::unique_lock lock(mutex_);
    is_stopping_ = true;
    each([](Guest& guest) { guest.stop(); });
    if (left_.wait_for(lock, kGoodbye, [this] { return guests_ == 0; })) return;
    each([](Guest& guest) { guest.kill(); });
    left_.wait(lock, [this] { return guests_ == 0; });
  }

 private:
  static constexpr milliseconds kGoodbye{3'000};
  // Under the lock.
  void each(void (*what)(Guest&)) {
    for (const auto& [guest, io] : here_) {
      asio::post(*io, [kept = guest, what] { what(*kept); });
    }
  }
  void gone() {
    const std::lock_guard lock(mutex_);
    --guests_;
    left_.notify_all();
  }

  IoThreads::Impl& lanes_;
  const WebSocketServerOptions options_;
  std::mutex mutex_;
  std::condition_variable left_;
  bool is_stopping_ = false;  // guarded by mutex_, as all below
  std::size_t guests_ = 0;    // here, and on their way
  std::map<std::shared_ptr<Guest>, asio::io_context*> here_;
};

WebSocketServer::WebSocketServer(IoThreads& threads, WebSocketServerOptions options)
    : impl_(std::make_shared<Impl>(threads, std::move(options))) {}
WebSocketServer::~WebSocketServer() { impl_->stop(); }
void WebSocketServer::take(int fd, Open open) { impl_->take(impl_, fd, std::move(open)); }

}  // namespace obelisk::http
