#include "adapters/http/websocket_client.hpp"

#include <boost/asio/detached.hpp>
#include <boost/beast/websocket/error.hpp>
#include <thread>

#include "adapters/http/detail/dial.hpp"
#include "adapters/http/detail/socket_handle.hpp"
#include "adapters/http/detail/socket_loop.hpp"
#include "adapters/http/detail/wakeup.hpp"
#include "adapters/http/problem.hpp"

namespace obelisk::http {

using base::Code;
using base::Error;
using base::Result;
using std::chrono::milliseconds;

namespace {
constexpr milliseconds kLongest{3600 * 1000};
// How long the destructor lets the server say goodbye.
constexpr milliseconds kFarewell{500};
}  // namespace

class WebSocketClient::Impl final : private SocketReceiver {
 public:
  Impl(Url url, WebSocketHandlers handlers, const WebSocketClientOptions& options)
      : url_(std::move(url)), handlers_(std::move(handlers)), line_(std::make_shared<Line>()) {
    outbox_ = make_socket_outbox(kMaxQueuedMessageBytes, [this] {
      asio::post(line_->io, [this] {
        if (loop_) loop_->wake();
      });
    });
    loop_options_.max_message_bytes = options.max_message_bytes;
    loop_options_.takes_binary = handlers_.on_binary != nullptr;
    loop_options_.ping_interval_ms = options.ping_interval_ms;
    loop_options_.silence_limit_ms = options.silence_limit_ms;
  }

  ~Impl() override {
    outbox_->finish("closed by this side");
    if (thread_.joinable()) {
      CHECK(thread_.get_id() != std::this_thread::get_id());
      asio::post(line_->io, [this] { hurry(); });
      thread_.join();
    }
    outbox_->detach();
    outbox_->abandon("closed by this side");
  }

  Result<void> open(const WebSocketClientOptions& options, milliseconds timeout) {
    const Deadline deadline = std::chrono::steady_clock::now() + std::min(timeout, kLongest);
    for (const Header& header : options.headers) {
      if (valid_header(header)) continue;
      return Error{Code::invalid_input, "A header of the WebSocket request is not valid.",
                   "Nothing was sent. Check its characters."};
    }
    std::shared_ptr<asio::ssl::context> tls;
    if (url_.secure()) {
      TRY(tls, make_client_tls(options.authority_file));
    }
    Resolver resolver;
    TRY(const auto addresses, resolver.resolve(url_, deadline));
    TRY_VOID(dial(*line_, url_, addresses, tls.get(), deadline));
    loop_ = SocketLoop::make(line_->stream, nullptr, outbox_, loop_options_);
    error_code ec;
    Response declined;
    declined.status = 0;
    const bool late = run_until(*line_, shake_hands(options.headers, ec, declined), deadline);
    if (late) return no_answer(url_);
    if (declined.status != 0) return error_from(declined);
    if (ec) return no_connection(url_, ec.message());
    start();
    return {};
  }

  Outbox& outbox() { return *outbox_; }

 private:
  asio::awaitable<void> shake_hands(std::vector<Header> headers, error_code& ec,
                                    Response& declined) {
    const std::string target = url_.query.empty() ? url_.path : url_.path + "?" + url_.query;
    ec = co_await loop_->handshake(url_.host_header(), target, std::move(headers), declined);
  }

  void start() {
    line_->io.restart();
    asio::co_spawn(line_->io, loop_->run(*this), [this](const std::exception_ptr& failure) {
      loop_.reset();
      // Only a lack of memory comes here; whoever holds the socket must still learn of its end.
      if (failure) tell_closed("this machine ran out of memory");
      farewell_.cancel();
    });
    thread_ = std::thread([this] { line_->io.run(); });
  }

  // The server has a moment to answer our goodbye; then the connection is cut.
  void hurry() {
    if (!loop_) return;
    farewell_.expires_after(kFarewell);
    farewell_.async_wait([this](error_code ec) {
      if (!ec) line_->stream.close();
    });
  }

  asio::awaitable<bool> message(Piece piece) override {
    try {
      hand_over(handlers_, piece);
      co_return true;
    } catch (...) {
      co_return false;
    }
  }

  asio::awaitable<void> closed(std::string reason) override {
    tell_closed(reason);
    co_return;
  }

  void tell_closed(const std::string& reason) {
    outbox_->abandon(reason);
    const auto on_close = std::exchange(handlers_, {}).on_close;
    try {
      if (on_close) on_close(reason);
    } catch (...) {
      // The socket is closed already, which is all that a failing handler leads to.
    }
  }

  const Url url_;
  WebSocketHandlers handlers_;
  SocketLoopOptions loop_options_;
  std::shared_ptr<Line> line_;
  std::shared_ptr<Outbox> outbox_;
  std::shared_ptr<SocketLoop> loop_;
  asio::steady_timer farewell_{line_->io};
  std::thread thread_;
};

Result<std::unique_ptr<WebSocketClient>> WebSocketClient::connect(
    const Url& url, WebSocketHandlers handlers, const WebSocketClientOptions& options,
    milliseconds timeout) {
  if (!url.web_socket()) {
    return Error{Code::invalid_input, url.where() + " is not given as a WebSocket address.",
                 "Begin it with ws:// or wss://."};
  }
  try {
    auto impl = std::make_unique<Impl>(url, std::move(handlers), options);
    TRY_VOID(impl->open(options, timeout));
    return std::unique_ptr<WebSocketClient>(new WebSocketClient(std::move(impl)));
  } catch (const std::exception& error) {
    return Error{Code::internal, "The WebSocket to " + url.where() + " failed: " + error.what(),
                 "Report it if it stays so."};
  }
}

WebSocketClient::WebSocketClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
WebSocketClient::~WebSocketClient() = default;

bool WebSocketClient::send(std::string_view text) {
  return impl_->outbox().push({std::string(text)});
}
bool WebSocketClient::send_binary(std::string_view bytes) {
  return impl_->outbox().push({std::string(bytes), true});
}
std::size_t WebSocketClient::queued_bytes() const { return impl_->outbox().bytes(); }
void WebSocketClient::close(std::string_view reason) { impl_->outbox().finish(reason); }
bool WebSocketClient::closed() const { return impl_->outbox().closed(); }

}  // namespace obelisk::http
