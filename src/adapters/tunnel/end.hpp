// End: one end of a carried connection: a TCP socket, with TLS or without. It waits without holding
// a buffer, since most connections wait most of the time. Used from one lane at a time; it must
// never block a thread.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <memory>
#include <span>
#include <vector>

#include "adapters/tunnel/tls.hpp"
#include "base/bytes.hpp"

namespace obelisk::tunnel {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

// `co_await operation(..., into(ec))`: the outcome lands in ec instead of an exception.
inline auto into(error_code& ec) { return asio::redirect_error(asio::use_awaitable, ec); }

class End {
 public:
  // Outcomes of one try that are no number of bytes.
  static constexpr std::ptrdiff_t kOver = 0;     // the peer sends no more
  static constexpr std::ptrdiff_t kLater = -1;   // not now: wait and try again
  static constexpr std::ptrdiff_t kBroken = -2;  // never again

  // Options of a long life are set: no delay, and a peer that vanished is found out in time.
  explicit End(tcp::socket socket);
  ~End();
  End(const End&) = delete;
  End& operator=(const End&) = delete;

  asio::awaitable<bool> connect(tcp::endpoint endpoint);
  // From now on everything is encrypted; the handshake is the next thing to do.
  bool use_tls(const Tls& tls, bool is_dialed);
  SSL* tls() const { return tls_; }
  asio::awaitable<bool> handshake();

  std::ptrdiff_t try_read(std::span<std::uint8_t> into);
  std::ptrdiff_t try_write(base::ByteView bytes);
  // Waits until a try may succeed; false: it was closed meanwhile.
  asio::awaitable<bool> readable();
  asio::awaitable<bool> writable();
  // All of it, or false.
  asio::awaitable<bool> read(std::span<std::uint8_t> all);
  asio::awaitable<bool> write(base::ByteView all);
  // Nothing more is sent; reading goes on.
  asio::awaitable<void> finish_sending();

  // Whether the peer has gone, as far as this side has heard; reads nothing.
  bool has_ended();
  // Whether it is there and has said nothing: what is asked of one that waits to be used.
  bool is_quiet();
  // Its operations end, and every later one fails.
  void close();
  // Goes to another lane; nothing of it may be under way.
  void move_to(asio::io_context& io);
  asio::any_io_executor executor() { return socket_.get_executor(); }

 private:
  asio::awaitable<bool> wait_for(int ssl_error);
  std::ptrdiff_t peek();
  tcp::socket socket_;
  SSL* tls_ = nullptr;
};

// Every end of one owner, so that it can close them all. Used from one lane; ends may live on
// others.
class Ends {
 public:
  std::shared_ptr<End> add(tcp::socket socket);
  // One that was met elsewhere.
  void adopt(const std::shared_ptr<End>& end);
  void close_all();

 private:
  std::vector<std::weak_ptr<End>> known_;
  std::size_t sweep_at_ = 64;
};

// Closes the end when its time is over, unless it is destroyed before.
class Deadline {
 public:
  Deadline(std::shared_ptr<End> end, std::chrono::milliseconds time);
  ~Deadline() {
    *is_on_ = false;
    timer_.cancel();
  }
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

 private:
  asio::steady_timer timer_;
  // What has expired already cannot be cancelled: the handler looks here.
  std::shared_ptr<bool> is_on_ = std::make_shared<bool>(true);
};

}  // namespace obelisk::tunnel
