#include "adapters/tunnel/control.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

namespace obelisk::tunnel {
namespace {
// Every lease of a host can be told of at once.
constexpr std::size_t kMaxUnsent = 512;
}  // namespace

asio::awaitable<std::optional<Frame>> Control::receive() {
  base::Bytes bytes(kFrameHead);
  const bool has_head = co_await end_->read(bytes);
  const auto rest = has_head ? frame_rest(bytes) : std::nullopt;
  if (!rest) co_return std::nullopt;
  bytes.resize(kFrameHead + *rest);
  const bool is_whole = co_await end_->read(std::span(bytes).subspan(kFrameHead));
  if (!is_whole) co_return std::nullopt;
  heard_ = std::chrono::steady_clock::now();
  co_return decode_frame(bytes);
}

void Control::send(const Frame& frame) {
  if (unsent_.size() >= kMaxUnsent) return end_->close();
  unsent_.push_back(encode_frame(frame));
  if (is_writing_) return;
  is_writing_ = true;
  asio::co_spawn(end_->executor(), write_out(shared_from_this()), asio::detached);
}

asio::awaitable<void> Control::write_out(std::shared_ptr<Control> self) {
  while (!unsent_.empty()) {
    const base::Bytes bytes = std::move(unsent_.front());
    unsent_.pop_front();
    const bool is_written = co_await end_->write(bytes);
    if (!is_written) {
      unsent_.clear();
      end_->close();
    }
  }
  is_writing_ = false;
}

}  // namespace obelisk::tunnel
