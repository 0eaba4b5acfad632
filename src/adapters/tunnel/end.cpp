#include "adapters/tunnel/end.hpp"

#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <cerrno>

namespace obelisk::tunnel {
namespace {

// A peer that vanished without a word is found out after eleven minutes: a network that is away
// for ten cuts nobody. The probes also keep the routers between from forgetting the connection.
constexpr int kKeepIdleSeconds = 45;
constexpr int kKeepEverySeconds = 30;
constexpr int kKeepTries = 20;
constexpr int kUnansweredMs = 660'000;

void prepare(tcp::socket& socket) {
  error_code ignored;
  socket.non_blocking(true, ignored);
  socket.set_option(tcp::no_delay(true), ignored);
  socket.set_option(asio::socket_base::keep_alive(true), ignored);
  const auto set = [&](int option, int value) {
    ::setsockopt(socket.native_handle(), IPPROTO_TCP, option, &value, sizeof value);
  };
  set(TCP_KEEPIDLE, kKeepIdleSeconds);
  set(TCP_KEEPINTVL, kKeepEverySeconds);
  set(TCP_KEEPCNT, kKeepTries);
  set(TCP_USER_TIMEOUT, kUnansweredMs);
}

std::ptrdiff_t outcome(ssize_t done) {
  if (done >= 0) return done;
  return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? End::kLater : End::kBroken;
}

}  // namespace

End::End(tcp::socket socket) : socket_(std::move(socket)) { prepare(socket_); }

End::~End() { SSL_free(tls_); }

asio::awaitable<bool> End::connect(tcp::endpoint endpoint) {
  error_code ec;
  co_await socket_.async_connect(endpoint, into(ec));
  co_return !ec;
}

bool End::use_tls(const Tls& tls, bool is_dialed) {
  tls_ = SSL_new(tls.context());
  if (tls_ == nullptr || SSL_set_fd(tls_, socket_.native_handle()) != 1) return false;
  if (is_dialed) {
    SSL_set_accept_state(tls_);
  } else {
    SSL_set_connect_state(tls_);
  }
  return true;
}

asio::awaitable<bool> End::handshake() {
  while (socket_.is_open()) {
    ERR_clear_error();
    const int done = SSL_do_handshake(tls_);
    if (done == 1) co_return true;
    const bool is_ready = co_await wait_for(SSL_get_error(tls_, done));
    if (!is_ready) co_return false;
  }
  co_return false;
}

std::ptrdiff_t End::try_read(std::span<std::uint8_t> into) {
  // TLS keeps the descriptor's number, which by now may be somebody else's.
  if (!socket_.is_open()) return kBroken;
  if (tls_ == nullptr) {
    return outcome(::recv(socket_.native_handle(), into.data(), into.size(), MSG_DONTWAIT));
  }
  ERR_clear_error();
  std::size_t done = 0;
  if (SSL_read_ex(tls_, into.data(), into.size(), &done) == 1) {
    return static_cast<std::ptrdiff_t>(done);
  }
  const int error = SSL_get_error(tls_, 0);
  if (error == SSL_ERROR_ZERO_RETURN) return kOver;
  return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? kLater : kBroken;
}

std::ptrdiff_t End::try_write(base::ByteView bytes) {
  if (!socket_.is_open()) return kBroken;
  if (tls_ == nullptr) {
    return outcome(
        ::send(socket_.native_handle(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL));
  }
  ERR_clear_error();
  std::size_t done = 0;
  if (SSL_write_ex(tls_, bytes.data(), bytes.size(), &done) == 1) {
    return static_cast<std::ptrdiff_t>(done);
  }
  const int error = SSL_get_error(tls_, 0);
  return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? kLater : kBroken;
}

asio::awaitable<bool> End::wait_for(int ssl_error) {
  if (ssl_error == SSL_ERROR_WANT_READ) co_return co_await readable();
  if (ssl_error == SSL_ERROR_WANT_WRITE) co_return co_await writable();
  co_return false;
}

asio::awaitable<bool> End::readable() {
  error_code ec;
  co_await socket_.async_wait(tcp::socket::wait_read, into(ec));
  co_return !ec;
}

asio::awaitable<bool> End::writable() {
  error_code ec;
  co_await socket_.async_wait(tcp::socket::wait_write, into(ec));
  co_return !ec;
}

asio::awaitable<bool> End::read(std::span<std::uint8_t> all) {
  while (!all.empty()) {
    const auto done = try_read(all);
    if (done > 0) {
      all = all.subspan(static_cast<std::size_t>(done));
    } else if (done != kLater) {
      co_return false;
    } else {
      const bool is_ready = co_await readable();
      if (!is_ready) co_return false;
    }
  }
  co_return true;
}

asio::awaitable<bool> End::write(base::ByteView all) {
  while (!all.empty()) {
    const auto done = try_write(all);
    if (done > 0) {
      all = all.subspan(static_cast<std::size_t>(done));
    } else if (done != kLater) {
      co_return false;
    } else {
      const bool is_ready = co_await writable();
      if (!is_ready) co_return false;
    }
  }
  co_return true;
}

asio::awaitable<void> End::finish_sending() {
  if (tls_ != nullptr) {
    while (socket_.is_open()) {
      ERR_clear_error();
      const int done = SSL_shutdown(tls_);
      if (done >= 0 || SSL_get_error(tls_, done) != SSL_ERROR_WANT_WRITE) break;
      const bool is_ready = co_await writable();
      if (!is_ready) break;
    }
  }
  error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
}

std::ptrdiff_t End::peek() {
  std::uint8_t byte = 0;
  const auto seen = ::recv(socket_.native_handle(), &byte, 1, MSG_DONTWAIT | MSG_PEEK);
  return outcome(seen);
}

bool End::has_ended() {
  const auto seen = peek();
  return seen == kOver || seen == kBroken;
}

bool End::is_quiet() { return peek() == kLater; }

void End::close() {
  error_code ignored;
  socket_.close(ignored);
}

void End::move_to(asio::io_context& io) {
  error_code ec;
  const auto protocol = socket_.local_endpoint(ec).protocol();
  if (ec) return close();
  const auto handle = socket_.release(ec);
  if (ec) return close();
  tcp::socket moved(io);
  moved.assign(protocol, handle, ec);
  socket_ = std::move(moved);
  socket_.non_blocking(true, ec);
}

std::shared_ptr<End> Ends::add(tcp::socket socket) {
  auto end = std::make_shared<End>(std::move(socket));
  adopt(end);
  return end;
}

void Ends::adopt(const std::shared_ptr<End>& end) {
  if (known_.size() >= sweep_at_) {
    std::erase_if(known_, [](const std::weak_ptr<End>& end) { return end.expired(); });
    sweep_at_ = std::max<std::size_t>(64, known_.size() * 2);
  }
  known_.push_back(end);
}

void Ends::close_all() {
  for (const auto& known : known_) {
    const auto end = known.lock();
    if (end) asio::post(end->executor(), [end] { end->close(); });
  }
  known_.clear();
}

Deadline::Deadline(std::shared_ptr<End> end, std::chrono::milliseconds time)
    : timer_(end->executor()) {
  timer_.expires_after(time);
  timer_.async_wait([end = std::move(end), is_on = is_on_](error_code ec) {
    if (!ec && *is_on) end->close();
  });
}

}  // namespace obelisk::tunnel
