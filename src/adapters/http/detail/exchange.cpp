#include "adapters/http/detail/exchange.hpp"

#include <mutex>
#include <utility>

#include "adapters/http/detail/event_parser.hpp"
#include "adapters/http/detail/reply.hpp"
#include "adapters/http/detail/socket_handle.hpp"

namespace obelisk::http {
namespace {

class EventHandle final : public EventStream {
 public:
  explicit EventHandle(std::shared_ptr<Outbox> outbox) : outbox_(std::move(outbox)) {}
  bool send(std::string_view id, std::string_view event, std::string_view data) override {
    return outbox_->push({format_event(id, event, data)});
  }
  void close() override { outbox_->finish("closed by this side"); }
  bool closed() const override { return outbox_->closed(); }
  std::size_t queued() const override { return outbox_->size(); }

 private:
  std::shared_ptr<Outbox> outbox_;
};

// What can be sent of what a handler gave.
Response sendable(Response response, const std::function<void(std::string)>& log) {
  if (response.status >= 200 && response.status <= 599 && valid_headers(response.headers) &&
      valid_header({"Content-Type", response.content_type})) {
    return response;
  }
  log("a handler replied with a status or header that cannot be sent");
  return handler_failed();
}

class LaterHandle final : public LaterAnswer {
 public:
  LaterHandle(std::function<void(Answer)> deliver, std::function<void(std::string)> log)
      : deliver_(std::move(deliver)), log_(std::move(log)) {}
  ~LaterHandle() override {
    if (auto deliver = std::exchange(deliver_, {})) deliver(handler_failed());
  }
  LaterHandle(const LaterHandle&) = delete;
  LaterHandle& operator=(const LaterHandle&) = delete;
  void reply(Response response) override {
    const std::unique_lock lock(mutex_);
    auto deliver = std::exchange(deliver_, {});
    if (!deliver) return log_("a request was answered later twice; the second was dropped");
    deliver(sendable(std::move(response), log_));
  }

 private:
  std::mutex mutex_;
  std::function<void(Answer)> deliver_;  // guarded by mutex_; empty once it was called
  const std::function<void(std::string)> log_;
};

}  // namespace

void WorkerExchange::reply(Response response) { deliver(sendable(std::move(response), path_.log)); }

std::shared_ptr<LaterAnswer> WorkerExchange::answer_later() {
  if (answered_) {
    path_.log("a handler answered a request twice; the second answer was dropped");
    return std::make_shared<LaterHandle>([](const Answer&) {}, path_.log);
  }
  answered_ = true;
  return std::make_shared<LaterHandle>(std::exchange(path_.deliver, {}), path_.log);
}

std::shared_ptr<EventStream> WorkerExchange::stream_events(std::vector<Header> headers) {
  auto outbox =
      std::make_shared<Outbox>(path_.max_queued_events, path_.max_queued_bytes, path_.wake);
  if (!valid_headers(headers)) {
    path_.log("a handler gave an event stream headers that cannot be sent");
    headers.clear();
  }
  if (!deliver(EventsAnswer{std::move(headers), outbox})) {
    outbox->detach();
    outbox->abandon("this request had been answered already");
  }
  return std::make_shared<EventHandle>(std::move(outbox));
}

std::shared_ptr<WebSocket> WorkerExchange::accept_websocket(WebSocketHandlers handlers,
                                                            std::size_t max_message_bytes) {
  if (!path_.wants_socket) {
    deliver(refuse_without_upgrade());
    return nullptr;
  }
  auto outbox = make_socket_outbox(path_.max_queued_bytes, path_.wake);
  if (!deliver(SocketAnswer{std::move(handlers), max_message_bytes, outbox})) {
    outbox->detach();
    outbox->abandon("this request had been answered already");
  }
  return make_socket_handle(std::move(outbox));
}

void WorkerExchange::finish(std::string_view what) {
  if (!answered_) {
    path_.log("a handler gave no answer: " + std::string(what));
    deliver(handler_failed());
  }
}

bool WorkerExchange::deliver(Answer answer) {
  if (answered_) {
    path_.log("a handler answered a request twice; the second answer was dropped");
    return false;
  }
  answered_ = true;
  // Let go of the connection now: the handler may go on for a while.
  std::exchange(path_.deliver, {})(std::move(answer));
  return true;
}

}  // namespace obelisk::http
