// Outbox: what waits to be written to one peer, filled by any thread and emptied by the thread that
// does the input and output. It is bounded, so a slow peer costs its own connection and nobody
// else's memory. It must never call `wake` after detach().
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace obelisk::http {

// What is sent, or came, in one piece.
struct Piece {
  std::string bytes;
  bool is_binary = false;  // of a WebSocket's messages
};

class Outbox {
 public:
  // `wake` says that something changed; it runs under the outbox's lock, so it may only post.
  Outbox(std::size_t max_items, std::size_t max_bytes, std::function<void()> wake);

  // False if closed. Too much waiting closes the outbox and throws away what waits.
  bool push(Piece item);
  // No more pushes; what waits is still to be sent. The first reason stays.
  void finish(std::string_view reason);
  // No more pushes, and nothing that waits will be sent.
  void abandon(std::string_view reason);
  void detach();

  std::optional<Piece> pop();
  std::size_t size() const;
  std::size_t bytes() const;
  bool closed() const;
  // Closed, and nothing that waits is worth sending.
  bool abandoned() const;
  std::string reason() const;

 private:
  void close_locked(std::string_view reason);

  const std::size_t max_items_;
  const std::size_t max_bytes_;
  mutable std::mutex mutex_;
  std::function<void()> wake_;
  std::deque<Piece> items_;
  std::size_t bytes_ = 0;
  bool closed_ = false;
  bool abandoned_ = false;
  std::string reason_;
};

}  // namespace obelisk::http
