// What a session becomes when its request asks for more than one answer: an event stream or a
// WebSocket.
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "adapters/http/detail/session.hpp"

namespace obelisk::http {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kMaxEventBatch = 64 << 10;
constexpr std::string_view kHeartbeat = ": \n\n";

}  // namespace

asio::awaitable<void> Session::run_events(EventsAnswer answer) {
  doing_ = Doing::streaming;
  if (core_.stopping) answer.outbox->finish("the server stops");
  asio::co_spawn(core_.io, watch_reader(answer.outbox), asio::detached);
  bool good = co_await write(event_stream_head(answer.headers), "");
  while (good && !answer.outbox->abandoned()) {
    std::string batch;
    while (batch.size() < kMaxEventBatch) {
      auto item = answer.outbox->pop();
      if (!item) break;
      batch += item->bytes;
    }
    if (batch.empty()) {
      if (answer.outbox->closed()) break;
      if (co_await wakeup_.sleep_for(milliseconds(core_.options.heartbeat_ms))) continue;
      batch = kHeartbeat;
    }
    good = co_await write(batch, "");
  }
  answer.outbox->detach();
  answer.outbox->abandon("the connection ended");
  // A reader that has not yet seen the last event gets it before the reset that closing may mean.
  error_code ignored;
  stream_.socket().shutdown(Stream::Socket::shutdown_send, ignored);
  if (!good) stream_.close();
  guard(kLingerMs, Limit::everything);
  co_await reader_ended_.sleep();
  unguard();
}

// Nothing more is expected from the reader of a stream, so whatever ends its side ends the stream.
asio::awaitable<void> Session::watch_reader(std::shared_ptr<Outbox> outbox) {
  const auto self = shared_from_this();
  std::array<char, 1024> ignored{};
  error_code ec;
  while (!ec) co_await stream_.async_read_some(asio::buffer(ignored), into(ec));
  outbox->abandon("the reader is gone");
  reader_ended_.wake();
}

asio::awaitable<void> Session::run_socket(SocketAnswer answer, const Opening& opening) {
  doing_ = Doing::socket;
  become_websocket();
  handlers_ = std::move(answer.handlers);
  if (core_.stopping) answer.outbox->finish("the server stops");
  SocketLoopOptions options;
  options.max_message_bytes = answer.max_message_bytes;
  options.takes_binary = handlers_.on_binary != nullptr;
  options.ping_interval_ms = core_.options.ping_interval_ms;
  options.silence_limit_ms = core_.options.silence_limit_ms;
  options.write_timeout_ms = core_.options.write_timeout_ms;
  loop_ = SocketLoop::make(stream_, shared_from_this(), answer.outbox, options);
  guard(core_.options.request_timeout_ms, Limit::everything);
  const error_code ec = co_await loop_->accept(opening);
  unguard();
  if (ec) {
    outbox_->abandon("the WebSocket could not be opened: " + ec.message());
    co_await closed(outbox_->reason());
  } else {
    co_await loop_->run(*this);
  }
  loop_.reset();
}

asio::awaitable<bool> Session::message(Piece piece) {
  co_return co_await on_worker([this, given = std::move(piece)] { hand_over(handlers_, given); });
}

asio::awaitable<void> Session::closed(std::string reason) {
  co_await on_worker([this, given = std::move(reason)] {
    // Dropped here, on the worker, so that what the handlers own is destroyed there too.
    const WebSocketHandlers last = std::exchange(handlers_, {});
    if (last.on_close) last.on_close(given);
  });
}

// Runs the work on a worker thread and comes back when it is done; false if it threw.
asio::awaitable<bool> Session::on_worker(std::function<void()> work) {
  worker_done_ = false;
  asio::post(core_.workers, [self = shared_from_this(), given = std::move(work)]() mutable {
    bool good = true;
    try {
      given();
    } catch (const std::exception& error) {
      good = false;
      self->core_.log(std::string("a WebSocket handler threw: ") + error.what());
    } catch (...) {
      good = false;
      self->core_.log("a WebSocket handler threw");
    }
    given = nullptr;
    auto& io = self->core_.io;
    asio::post(io, [kept = std::move(self), good] {
      kept->worker_good_ = good;
      kept->worker_done_ = true;
      kept->wakeup_.wake();
    });
  });
  while (!worker_done_) co_await wakeup_.sleep();
  co_return worker_good_;
}

}  // namespace obelisk::http
