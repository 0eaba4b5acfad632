// The worker thread's side of a request: what a handler sees, and how its answer travels to the
// input-output thread. It must never touch a socket.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "adapters/http/detail/outbox.hpp"
#include "adapters/http/server.hpp"

namespace obelisk::http {

struct EventsAnswer {
  std::vector<Header> headers;
  std::shared_ptr<Outbox> outbox;
};

struct SocketAnswer {
  WebSocketHandlers handlers;
  std::size_t max_message_bytes = 0;
  std::shared_ptr<Outbox> outbox;
};

using Answer = std::variant<Response, EventsAnswer, SocketAnswer>;

// What an exchange needs of its connection; all of it may be called from any thread.
struct AnswerPath {
  std::function<void(Answer)> deliver;  // called exactly once
  std::function<void()> wake;           // the outbox of the answer changed
  std::function<void(std::string)> log;
  bool wants_socket = false;  // the request asks for a WebSocket
  std::size_t max_queued_events = 0;
  std::size_t max_queued_bytes = 0;
};

class WorkerExchange final : public Exchange {
 public:
  explicit WorkerExchange(AnswerPath path) : path_(std::move(path)) {}

  void reply(Response response) override;
  std::shared_ptr<EventStream> stream_events(std::vector<Header> headers) override;
  std::shared_ptr<WebSocket> accept_websocket(WebSocketHandlers handlers,
                                              std::size_t max_message_bytes) override;
  std::shared_ptr<LaterAnswer> answer_later() override;
  // After the handler: answers 500 if it did not.
  void finish(std::string_view what);

 private:
  bool deliver(Answer answer);

  AnswerPath path_;
  bool answered_ = false;
};

}  // namespace obelisk::http
