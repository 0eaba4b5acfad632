#include "adapters/http/tcp_relay.hpp"

#include <netinet/tcp.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <future>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "adapters/http/detail/lanes.hpp"
#include "adapters/http/detail/listen.hpp"
#include "adapters/http/detail/stream.hpp"

namespace obelisk::http {

using asio::ip::tcp;
using base::Code;
using base::Error;
using base::Result;
using std::chrono::milliseconds;

namespace {

constexpr std::size_t kBuffer = 64 << 10;
constexpr milliseconds kAcceptPause{100};

// A peer that vanished without a word is found out after about two minutes of silence.
void prepare(tcp::socket& socket) {
  error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  socket.set_option(asio::socket_base::keep_alive(true), ignored);
  const auto set = [&](int option, int value) {
    ::setsockopt(socket.native_handle(), IPPROTO_TCP, option, &value, sizeof value);
  };
  set(TCP_KEEPIDLE, 60);
  set(TCP_KEEPINTVL, 15);
  set(TCP_KEEPCNT, 4);
}

// Both ends of one carried connection.
struct Pair {
  Pair(tcp::socket accepted, asio::io_context& io) : near(std::move(accepted)), far(io) {}
  void close() {
    error_code ignored;
    near.close(ignored);
    far.close(ignored);
  }
  tcp::socket near;
  tcp::socket far;
  int directions = 2;
};

}  // namespace

class TcpRelay::Impl : public std::enable_shared_from_this<TcpRelay::Impl> {
 public:
  Impl(asio::io_context& io, RelayOptions options)
      : io_(io), options_(std::move(options)), acceptor_(io) {}

  Result<std::uint16_t> start() {
    TRY_VOID(set_target(options_.target_address, options_.target_port));
    TRY(const std::uint16_t port, listen(acceptor_, options_.listen_address, options_.listen_port));
    started_ = true;
    asio::co_spawn(io_, accept(shared_from_this()), asio::detached);
    return port;
  }

  Result<void> set_target(const std::string& address, std::uint16_t port) {
    TRY(const auto numeric, numeric_address(address));
    const std::scoped_lock lock(mutex_);
    target_ = tcp::endpoint(numeric, port);
    return {};
  }

  std::size_t open_connections() const { return open_; }

  void stop() {
    if (!started_.exchange(false)) return;
    auto stopped = stopped_.get_future();
    asio::post(io_, [self = shared_from_this()] {
      self->stopping_ = true;
      error_code ignored;
      self->acceptor_.close(ignored);
      for (const auto& pair : self->pairs_) pair->close();
      self->tell_if_over();
    });
    stopped.wait();
  }

 private:
  using Shared = std::shared_ptr<Impl>;

  asio::awaitable<void> accept(Shared self) {
    asio::steady_timer pause(io_);
    while (!stopping_) {
      error_code ec;
      auto socket = co_await acceptor_.async_accept(into(ec));
      if (stopping_ || ec == asio::error::operation_aborted) break;
      if (ec) {
        // Mostly "too many open files": it passes when somebody leaves.
        pause.expires_after(kAcceptPause);
        co_await pause.async_wait(into(ec));
        continue;
      }
      if (pairs_.size() >= options_.max_connections) continue;
      auto pair = std::make_shared<Pair>(std::move(socket), io_);
      pairs_.insert(pair);
      open_ = pairs_.size();
      asio::co_spawn(io_, carry(self, pair), asio::detached);
    }
    accepting_ = false;
    tell_if_over();
  }

  asio::awaitable<void> carry(Shared self, std::shared_ptr<Pair> pair) {
    asio::steady_timer limit(io_);
    limit.expires_after(milliseconds(options_.connect_timeout_ms));
    limit.async_wait([pair](error_code ec) {
      if (!ec) pair->close();
    });
    const tcp::endpoint where = target();
    error_code ec;
    keep_private(pair->near.native_handle());
    pair->far.open(where.protocol(), ec);
    if (!ec) keep_private(pair->far.native_handle());
    if (!ec) co_await pair->far.async_connect(where, into(ec));
    limit.cancel();
    if (ec || !pair->near.is_open()) {
      pair->directions = 0;
      end(pair);
      co_return;
    }
    prepare(pair->near);
    prepare(pair->far);
    asio::co_spawn(io_, pump(self, pair, pair->near, pair->far), asio::detached);
    asio::co_spawn(io_, pump(self, pair, pair->far, pair->near), asio::detached);
  }

  // One direction, until its sender is done; the other direction may go on.
  asio::awaitable<void> pump(Shared self, std::shared_ptr<Pair> pair, tcp::socket& from,
                             tcp::socket& to) {
    std::vector<char> buffer(kBuffer);
    error_code ec;
    while (!ec) {
      const std::size_t n = co_await from.async_read_some(asio::buffer(buffer), into(ec));
      if (!ec) co_await asio::async_write(to, asio::buffer(buffer.data(), n), into(ec));
    }
    if (ec == asio::error::eof) {
      error_code ignored;
      to.shutdown(tcp::socket::shutdown_send, ignored);
    } else {
      pair->close();
    }
    --pair->directions;
    end(pair);
  }

  void end(const std::shared_ptr<Pair>& pair) {
    if (pair->directions > 0) return;
    pair->close();
    pairs_.erase(pair);
    open_ = pairs_.size();
    tell_if_over();
  }

  void tell_if_over() {
    if (!stopping_ || accepting_ || !pairs_.empty()) return;
    if (!std::exchange(told_, true)) stopped_.set_value();
  }

  tcp::endpoint target() const {
    const std::scoped_lock lock(mutex_);
    return target_;
  }

  asio::io_context& io_;
  const RelayOptions options_;
  tcp::acceptor acceptor_;
  std::atomic<bool> started_ = false;
  std::atomic<std::size_t> open_ = 0;
  std::promise<void> stopped_;
  mutable std::mutex mutex_;
  tcp::endpoint target_;
  // Of the relay's input-output thread alone.
  std::set<std::shared_ptr<Pair>> pairs_;
  bool accepting_ = true;
  bool stopping_ = false;
  bool told_ = false;
};

TcpRelay::TcpRelay(IoThreads& threads, RelayOptions options)
    : impl_(std::make_shared<Impl>(threads.impl().next(), std::move(options))) {}
TcpRelay::~TcpRelay() { stop(); }
Result<std::uint16_t> TcpRelay::start() { return impl_->start(); }
Result<void> TcpRelay::set_target(const std::string& address, std::uint16_t port) {
  return impl_->set_target(address, port);
}
std::size_t TcpRelay::open_connections() const { return impl_->open_connections(); }
void TcpRelay::stop() { impl_->stop(); }

}  // namespace obelisk::http
