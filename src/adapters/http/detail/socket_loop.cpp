#include "adapters/http/detail/socket_loop.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <chrono>

#include "adapters/http/detail/wakeup.hpp"

namespace obelisk::http {
namespace {

namespace websocket = beast::websocket;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kCloseLimit{2000};
constexpr std::size_t kMaxKeptBuffer = 2048;  // between two messages
constexpr std::size_t kMaxReason = 120;       // what a close frame holds, with its code

// A close frame holds little, and only valid UTF-8.
std::string closing_words(std::string reason) {
  reason.resize(std::min(reason.size(), kMaxReason));
  for (char& c : reason) {
    if (c < 0x20 || c > 0x7e) c = '?';
  }
  return reason;
}

// Whether the peer offers that sub-protocol; none is never offered.
bool offers(const SocketLoop::OpeningRequest& request, const std::string& protocol) {
  if (protocol.empty()) return false;
  const auto [begin, end] = request.equal_range(beast::http::field::sec_websocket_protocol);
  return std::any_of(begin, end, [&](const auto& field) {
    return beast::http::token_list(field.value()).exists(protocol);
  });
}

class Loop final : public SocketLoop, public std::enable_shared_from_this<Loop> {
 public:
  Loop(Stream& stream, std::shared_ptr<void> owner, std::shared_ptr<Outbox> outbox,
       SocketLoopOptions options)
      : owner_(std::move(owner)),
        stream_(stream),
        socket_(stream),
        outbox_(std::move(outbox)),
        options_(std::move(options)),
        to_write_(stream.get_executor()),
        to_watch_(stream.get_executor()),
        part_ended_(stream.get_executor()) {
    // Beast's own timers are off: watch() below knows when a handler is busy, they do not.
    const auto never = websocket::stream_base::none();
    socket_.set_option(websocket::stream_base::timeout{never, never, false});
    socket_.read_message_max(options_.max_message_bytes);
    socket_.control_callback(
        [this](websocket::frame_type, beast::string_view) { last_heard_ = Clock::now(); });
  }

  asio::awaitable<error_code> accept(const OpeningRequest& request) override {
    if (offers(request, options_.protocol)) {
      socket_.set_option(websocket::stream_base::decorator(
          [chosen = options_.protocol](websocket::response_type& response) {
            response.set(beast::http::field::sec_websocket_protocol, chosen);
          }));
    }
    error_code ec;
    co_await socket_.async_accept(request, into(ec));
    co_return ec;
  }

  asio::awaitable<error_code> handshake(std::string host, std::string target,
                                        std::vector<Header> headers, Response& declined) override {
    socket_.set_option(
        websocket::stream_base::decorator([headers](websocket::request_type& request) {
          for (const Header& header : headers) request.set(header.name, header.value);
        }));
    websocket::response_type response;
    error_code ec;
    co_await socket_.async_handshake(response, host, target, into(ec));
    if (ec == websocket::error::upgrade_declined) {
      declined.status = response.result_int();
      declined.body = std::move(response.body());
    }
    co_return ec;
  }

  asio::awaitable<void> run(SocketReceiver& receiver) override {
    last_heard_ = Clock::now();
    auto self = shared_from_this();
    parts_running_ = 2;
    asio::co_spawn(stream_.get_executor(), write(self), asio::detached);
    asio::co_spawn(stream_.get_executor(), watch(self), asio::detached);
    std::string reason = co_await read(receiver);
    outbox_->abandon(reason);
    outbox_->detach();
    stream_.close();
    over_ = true;
    wake();
    while (parts_running_ > 0) co_await part_ended_.sleep();
    co_await receiver.closed(outbox_->reason());
  }

  void wake() override {
    to_write_.wake();
    to_watch_.wake();
  }

 private:
  // Reads until the end and says why it came.
  asio::awaitable<std::string> read(SocketReceiver& receiver) {
    beast::flat_buffer buffer;
    for (;;) {
      error_code ec;
      co_await socket_.async_read(buffer, into(ec));
      if (ec) co_return reason_of(ec);
      const bool is_binary = socket_.got_binary();
      if (is_binary && !options_.takes_binary) {
        refuse_ = websocket::close_code::unknown_data;
        co_return co_await say_goodbye("only text messages are understood");
      }
      std::string bytes(static_cast<const char*>(buffer.data().data()), buffer.size());
      buffer.consume(buffer.size());
      if (buffer.capacity() > kMaxKeptBuffer) buffer.shrink_to_fit();
      busy_ = true;
      const bool good = co_await receiver.message({std::move(bytes), is_binary});
      busy_ = false;
      last_heard_ = Clock::now();
      if (!good) {
        refuse_ = websocket::close_code::internal_error;
        co_return co_await say_goodbye("a message could not be handled");
      }
    }
  }

  // Lets the writer close in order, and reads on so that the peer's goodbye is seen.
  asio::awaitable<std::string> say_goodbye(std::string reason) {
    outbox_->finish(reason);
    beast::flat_buffer buffer;
    error_code ec;
    while (!ec) {
      co_await socket_.async_read(buffer, into(ec));
      buffer.consume(buffer.size());
    }
    co_return reason;
  }

  std::string reason_of(error_code ec) const {
    if (silent_) return "the other side was silent for too long";
    if (ec == websocket::error::closed) {
      const auto said = socket_.reason().reason;
      if (!said.empty()) return std::string(said.data(), said.size());
      return "closed by the other side";
    }
    if (ec == websocket::error::message_too_big) return "a message was too large";
    if (ec == asio::error::eof || ec == asio::error::connection_reset ||
        ec == asio::ssl::error::stream_truncated) {
      return "the connection was lost";
    }
    return "the connection failed: " + ec.message();
  }

  asio::awaitable<void> write(std::shared_ptr<Loop> self) {
    error_code ec;
    while (!ec && !over_) {
      const auto item = outbox_->pop();
      if (item) {
        socket_.binary(item->is_binary);
        writing_since_ = Clock::now();
        co_await socket_.async_write(asio::buffer(item->bytes), into(ec));
        writing_since_.reset();
      } else if (outbox_->closed()) {
        const std::string reason = closing_words(outbox_->reason());
        // Where there is a callback, Beast 1.81 goes round by the queue before it handles the
        // peer's goodbye. If ours is written meanwhile, reader and writer wait for each other, for
        // ever.
        socket_.control_callback();
        co_await socket_.async_close({refuse_, reason}, into(ec));
        stream_.close();
        break;
      } else {
        co_await to_write_.sleep();
      }
    }
    if (ec) stream_.close();
    end_part();
  }

  // Pings, and ends what takes too long: a silent peer, a goodbye without an answer.
  asio::awaitable<void> watch(std::shared_ptr<Loop> self) {
    auto next_ping = Clock::now() + milliseconds(options_.ping_interval_ms);
    std::optional<Clock::time_point> closing_since;
    while (!over_) {
      const auto now = Clock::now();
      if (busy_) last_heard_ = now;
      if (!closing_since && outbox_->closed()) closing_since = now;
      silent_ = now - last_heard_ >= milliseconds(options_.silence_limit_ms);
      const bool late = closing_since && now - *closing_since >= kCloseLimit;
      const bool stuck =
          writing_since_ && now - *writing_since_ >= milliseconds(options_.write_timeout_ms);
      if (stuck) outbox_->abandon("the other side reads too slowly");
      if (silent_ || late || outbox_->abandoned()) {
        stream_.abort();
        break;
      }
      if (now >= next_ping) {
        next_ping = now + milliseconds(options_.ping_interval_ms);
        if (!pinging_) ping();
      }
      auto next = std::min(next_ping, last_heard_ + milliseconds(options_.silence_limit_ms));
      if (closing_since) next = std::min(next, *closing_since + kCloseLimit);
      if (writing_since_) {
        next = std::min(next, *writing_since_ + milliseconds(options_.write_timeout_ms));
      }
      co_await to_watch_.sleep_until(next);
    }
    end_part();
  }

  void ping() {
    pinging_ = true;
    socket_.async_ping({}, [self = shared_from_this()](error_code) { self->pinging_ = false; });
  }

  void end_part() {
    --parts_running_;
    part_ended_.wake();
  }

  std::shared_ptr<void> owner_;
  Stream& stream_;
  websocket::stream<Stream&, false> socket_;
  std::shared_ptr<Outbox> outbox_;
  SocketLoopOptions options_;
  Wakeup to_write_;
  Wakeup to_watch_;
  Wakeup part_ended_;
  Clock::time_point last_heard_;
  std::optional<Clock::time_point> writing_since_;
  websocket::close_code refuse_ = websocket::close_code::normal;
  int parts_running_ = 0;
  bool over_ = false;
  bool busy_ = false;
  bool silent_ = false;
  bool pinging_ = false;
};

}  // namespace

std::shared_ptr<SocketLoop> SocketLoop::make(Stream& stream, std::shared_ptr<void> owner,
                                             std::shared_ptr<Outbox> outbox,
                                             SocketLoopOptions options) {
  return std::make_shared<Loop>(stream, std::move(owner), std::move(outbox), std::move(options));
}

}  // namespace obelisk::http
