#include "apps/cli/terminal/wire.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <chrono>

namespace obelisk::cli {
namespace {

constexpr std::size_t kMostWaiting = 1 << 20;
constexpr std::chrono::milliseconds kConnectTime{15'000};
constexpr int kPingMs = 10'000;
constexpr int kSilenceMs = 30'000;

}  // namespace

Wire::Wire(Address address)
    : address_(std::move(address)), wake_fd_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}

Wire::~Wire() {
  drop();
  ::close(wake_fd_);
}

// From here on nothing of it counts: whoever waits to hand something over stops waiting.
void Wire::drop() {
  std::unique_ptr<http::WebSocketClient> last;
  {
    const std::lock_guard lock(mutex_);
    ++number_;
    last = std::move(socket_);
    news_.clear();
    waiting_bytes_ = 0;
  }
  taken_.notify_all();
  last.reset();
  if (thread_.joinable()) thread_.join();
}

void Wire::connect(const std::string& query) {
  drop();
  std::uint64_t number = 0;
  {
    const std::lock_guard lock(mutex_);
    number = number_;
  }
  thread_ = std::thread([this, number, query] { attempt(number, query); });
}

void Wire::attempt(std::uint64_t number, const std::string& query) {
  auto opened = open(number, query);
  if (!opened) return put(number, {WireNews::Kind::lost, {}, opened.error()});
  const std::lock_guard lock(mutex_);
  if (number == number_) socket_ = *std::move(opened);
}

base::Result<std::unique_ptr<http::WebSocketClient>> Wire::open(std::uint64_t number,
                                                                const std::string& query) {
  TRY(TerminalAddress address, address_());
  address.url.query = query;
  http::WebSocketClientOptions options;
  options.ping_interval_ms = kPingMs;
  options.silence_limit_ms = kSilenceMs;
  if (!address.pass.empty()) options.headers.push_back({"X-Obelisk-Pass", address.pass});
  http::WebSocketHandlers handlers;
  handlers.on_message = [this, number](std::string_view text) {
    put(number, {WireNews::Kind::text, std::string(text)});
  };
  handlers.on_binary = [this, number](std::string_view bytes) {
    put(number, {WireNews::Kind::bytes, std::string(bytes)});
  };
  handlers.on_close = [this, number](std::string_view) { put(number, {WireNews::Kind::lost}); };
  return http::WebSocketClient::connect(address.url, std::move(handlers), options, kConnectTime);
}

void Wire::put(std::uint64_t number, WireNews news) {
  std::unique_lock lock(mutex_);
  taken_.wait(lock, [&] { return number != number_ || waiting_bytes_ < kMostWaiting; });
  if (number != number_) return;
  waiting_bytes_ += news.bytes.size();
  news_.push_back(std::move(news));
  const std::uint64_t one = 1;
  (void)!::write(wake_fd_, &one, sizeof one);
}

std::optional<WireNews> Wire::next() {
  std::optional<WireNews> out;
  {
    const std::lock_guard lock(mutex_);
    std::uint64_t count = 0;
    if (news_.empty()) {
      (void)!::read(wake_fd_, &count, sizeof count);
      return out;
    }
    out = std::move(news_.front());
    news_.pop_front();
    waiting_bytes_ -= out->bytes.size();
  }
  taken_.notify_all();
  return out;
}

void Wire::send_text(const std::string& text) {
  const std::lock_guard lock(mutex_);
  if (socket_) socket_->send(text);
}
void Wire::send_bytes(const std::string& bytes) {
  const std::lock_guard lock(mutex_);
  if (socket_) socket_->send_binary(bytes);
}
std::size_t Wire::queued_bytes() const {
  const std::lock_guard lock(mutex_);
  return socket_ ? socket_->queued_bytes() : 0;
}

}  // namespace obelisk::cli
