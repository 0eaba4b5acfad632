#include "adapters/solana/signature_socket.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "adapters/solana/answers.hpp"

namespace obelisk::solana_rpc {
namespace {

constexpr std::chrono::milliseconds kBackoff{1'000};
constexpr std::chrono::milliseconds kConnectTimeout{5'000};
// Payments come in bursts; a socket that nobody has used for so long is closed.
constexpr std::chrono::milliseconds kIdle{30'000};
// More wait by polling alone.
constexpr std::size_t kMostWatches = 1'000;

std::string subscribe_text(std::uint64_t number, const base::Signature& signature,
                           ports::Commitment commitment) {
  const json::object settings{{"commitment", commitment_name(commitment)}};
  return json::serialize(json::object{{"jsonrpc", "2.0"},
                                      {"id", number},
                                      {"method", "signatureSubscribe"},
                                      {"params", json::array{signature.to_string(), settings}}});
}

}  // namespace

class SignatureSocket::Handle : public ports::Subscription {
 public:
  Handle(SignatureSocket& owner, std::uint64_t number) : owner_(owner), number_(number) {}
  ~Handle() override { owner_.remove(number_); }

 private:
  SignatureSocket& owner_;
  const std::uint64_t number_;
};

SignatureSocket::~SignatureSocket() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
}

std::unique_ptr<ports::Subscription> SignatureSocket::watch(const base::Signature& signature,
                                                            ports::Commitment commitment,
                                                            std::function<void()> callback) {
  const std::lock_guard lock(mutex_);
  if (watches_.size() >= kMostWatches) return std::make_unique<ports::Subscription>();
  const std::uint64_t number = next_number_++;
  Watch& made = watches_[number];
  made.subscribe = subscribe_text(number, signature, commitment);
  made.callback = std::move(callback);
  if (!ended_ && socket_) socket_->send(made.subscribe);
  if (!thread_.joinable()) {
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  }
  changed_.notify_all();
  return std::make_unique<Handle>(*this, number);
}

void SignatureSocket::remove(std::uint64_t number) {
  {
    const std::lock_guard lock(mutex_);
    watches_.erase(number);
  }
  const std::lock_guard wait_for_callback(calling_);
}

void SignatureSocket::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    {
      std::unique_lock lock(mutex_);
      if (!changed_.wait(lock, stop, [this] { return !watches_.empty(); })) return;
    }
    live_once(stop);
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, stop, kBackoff, [] { return false; });
  }
}

void SignatureSocket::live_once(const std::stop_token& stop) {
  {
    const std::lock_guard lock(mutex_);
    ended_ = false;
  }
  http::WebSocketHandlers handlers{
      .on_message = [this](std::string_view text) { on_message(text); },
      .on_close = [this](std::string_view) { end_connection(); },
  };
  auto connected = http::WebSocketClient::connect(url_, std::move(handlers), {}, kConnectTimeout);
  if (!connected) return end_connection();
  std::unique_ptr<http::WebSocketClient> closing;
  {
    std::unique_lock lock(mutex_);
    socket_ = *std::move(connected);
    for (auto& [number, watch] : watches_) {
      watch.subscription.reset();
      socket_->send(watch.subscribe);
    }
    while (!ended_ && !stop.stop_requested()) {
      changed_.wait_for(lock, stop, kIdle, [this] { return ended_; });
      if (watches_.empty()) break;
    }
    ended_ = true;
    closing = std::move(socket_);
  }
  // Its destructor runs on_close, which takes the lock.
}

void SignatureSocket::end_connection() {
  const std::lock_guard lock(mutex_);
  ended_ = true;
  changed_.notify_all();
}

void SignatureSocket::on_message(std::string_view text) {
  const auto message = parse_json(text);
  if (!message) return end_connection();
  const std::lock_guard calling(calling_);
  std::function<void()> callback;
  {
    const std::lock_guard lock(mutex_);
    if (const auto number = unsigned_in(member(&*message, "id"))) {
      const auto found = watches_.find(*number);
      if (found == watches_.end()) return;
      // One that the node refuses waits by polling.
      found->second.subscription = unsigned_in(member(&*message, "result"));
      return;
    }
    const auto told = unsigned_in(member(member(&*message, "params"), "subscription"));
    if (!told) return;
    const auto found = std::find_if(watches_.begin(), watches_.end(), [&](const auto& entry) {
      return entry.second.subscription == told;
    });
    if (found == watches_.end()) return;
    callback = std::move(found->second.callback);
    watches_.erase(found);
  }
  callback();
}

}  // namespace obelisk::solana_rpc
