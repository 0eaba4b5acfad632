// Control: the frames of one control connection, both ways. What is to be sent waits in a bounded
// queue; a peer that does not take it is closed, because control is small and must be quick.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <deque>
#include <memory>
#include <optional>

#include "adapters/tunnel/end.hpp"
#include "core/tunnel/frames.hpp"

namespace obelisk::tunnel {

class Control : public std::enable_shared_from_this<Control> {
 public:
  explicit Control(std::shared_ptr<End> end) : end_(std::move(end)) {}

  // Nothing where the connection is over, or what came is no frame.
  asio::awaitable<std::optional<Frame>> receive();
  void send(const Frame& frame);
  void close() { end_->close(); }
  // When the last frame came.
  std::chrono::steady_clock::time_point heard() const { return heard_; }

 private:
  asio::awaitable<void> write_out(std::shared_ptr<Control> self);

  std::shared_ptr<End> end_;
  std::deque<base::Bytes> unsent_;
  bool is_writing_ = false;
  std::chrono::steady_clock::time_point heard_ = std::chrono::steady_clock::now();
};

}  // namespace obelisk::tunnel
