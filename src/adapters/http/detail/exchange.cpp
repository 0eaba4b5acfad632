#include "adapters/http/detail/exchange.hpp"

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
    return outbox_->push(format_event(id, event, data));
  }
  void close() override { outbox_->finish("closed by this side"); }
  bool closed() const override { return outbox_->closed(); }
  std::size_t queued() const override { return outbox_->size(); }

 private:
  std::shared_ptr<Outbox> outbox_;
};

}  // namespace

void WorkerExchange::reply(Response response) {
  if (response.status < 200 || response.status > 599 || !valid_headers(response.headers) ||
      !valid_header({"Content-Type", response.content_type})) {
    path_.log("a handler replied with a status or header that cannot be sent");
    response = handler_failed();
  }
  deliver(std::move(response));
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
