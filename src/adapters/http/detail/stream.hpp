// Stream: one connected byte stream, over TCP or a unix socket, with TLS or without, as a single
// type, so that Beast's templates are compiled once and not four times. It must never outlive its
// io_context, and is used from that context's thread only.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/core/role.hpp>
#include <memory>
#include <utility>

namespace obelisk::http {

namespace asio = boost::asio;
namespace beast = boost::beast;
using boost::system::error_code;

// `co_await operation(..., into(ec))`: the outcome lands in ec instead of an exception.
inline auto into(error_code& ec) { return asio::redirect_error(asio::use_awaitable, ec); }

class Stream {
 public:
  using Socket = asio::generic::stream_protocol::socket;
  using executor_type = Socket::executor_type;

  explicit Stream(Socket socket) : socket_(std::move(socket)) {}
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  executor_type get_executor() { return socket_.get_executor(); }
  Socket& socket() { return socket_; }

  // From now on everything is encrypted; the handshake is the next thing to do.
  asio::ssl::stream<Socket&>& use_tls(asio::ssl::context& context) {
    tls_ = std::make_unique<asio::ssl::stream<Socket&>>(socket_, context);
    return *tls_;
  }
  asio::ssl::stream<Socket&>* tls() { return tls_.get(); }

  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    if (tls_) return tls_->async_read_some(buffers, std::forward<Token>(token));
    return socket_.async_read_some(buffers, std::forward<Token>(token));
  }

  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    if (tls_) return tls_->async_write_some(buffers, std::forward<Token>(token));
    return socket_.async_write_some(buffers, std::forward<Token>(token));
  }

  // Every operation under way ends with an error, and so does every later one.
  void close() {
    error_code ignored;
    socket_.close(ignored);
  }

  // The same, and what the peer has not read yet is thrown away: for a peer too slow to wait for.
  void abort() {
    error_code ignored;
    socket_.set_option(asio::socket_base::linger(true, 0), ignored);
    close();
  }

  // Small messages leave at once. Does nothing on a unix socket.
  void no_delay() {
    error_code ignored;
    socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  }

 private:
  Socket socket_;
  std::unique_ptr<asio::ssl::stream<Socket&>> tls_;
};

// What Beast's WebSocket asks of a stream that it did not bring itself: how to end it.
inline void beast_close_socket(Stream& stream) { stream.close(); }

inline void teardown(beast::role_type, Stream& stream, error_code& ec) {
  stream.socket().shutdown(Stream::Socket::shutdown_both, ec);
}

template <class Handler>
void async_teardown(beast::role_type role, Stream& stream, Handler&& handler) {
  error_code ec;
  teardown(role, stream, ec);
  asio::post(stream.get_executor(),
             [kept = std::forward<Handler>(handler)]() mutable { std::move(kept)(error_code()); });
}

}  // namespace obelisk::http
