// The WebSocket that users hold: a name for an outbox that the loop empties.
#pragma once

#include <functional>
#include <memory>

#include "adapters/http/detail/outbox.hpp"
#include "adapters/http/websocket.hpp"

namespace obelisk::http {

// Bounds of what may wait for a slow peer; a server has its own for the bytes.
constexpr std::size_t kMaxQueuedMessages = 1024;
constexpr std::size_t kMaxQueuedMessageBytes = 16 << 20;

inline std::shared_ptr<Outbox> make_socket_outbox(std::size_t max_bytes,
                                                  std::function<void()> wake) {
  return std::make_shared<Outbox>(kMaxQueuedMessages, max_bytes, std::move(wake));
}

class SocketHandle final : public WebSocket {
 public:
  explicit SocketHandle(std::shared_ptr<Outbox> outbox) : outbox_(std::move(outbox)) {}
  bool send(std::string_view text) override { return outbox_->push({std::string(text)}); }
  bool send_binary(std::string_view bytes) override {
    return outbox_->push({std::string(bytes), true});
  }
  std::size_t queued_bytes() const override { return outbox_->bytes(); }
  void close(std::string_view reason) override { outbox_->finish(reason); }
  bool closed() const override { return outbox_->closed(); }

 private:
  std::shared_ptr<Outbox> outbox_;
};

inline std::shared_ptr<WebSocket> make_socket_handle(std::shared_ptr<Outbox> outbox) {
  return std::make_shared<SocketHandle>(std::move(outbox));
}

}  // namespace obelisk::http
