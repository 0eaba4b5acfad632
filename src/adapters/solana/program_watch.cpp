#include "adapters/solana/program_watch.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "adapters/solana/answers.hpp"

namespace obelisk::solana_rpc {
namespace {

constexpr std::chrono::milliseconds kFirstBackoff{200};
constexpr std::chrono::milliseconds kLongestBackoff{5'000};
constexpr std::chrono::milliseconds kConnectTimeout{5'000};
constexpr std::chrono::milliseconds kSubscribeTimeout{10'000};
constexpr std::size_t kMaxNotificationBytes = 16 << 20;
constexpr std::uint64_t kSubscribeId = 1;

std::string subscribe_text(const base::PublicKey& program, ports::Commitment commitment) {
  const json::object settings{{"encoding", "base64"}, {"commitment", commitment_name(commitment)}};
  return json::serialize(json::object{{"jsonrpc", "2.0"},
                                      {"id", kSubscribeId},
                                      {"method", "programSubscribe"},
                                      {"params", json::array{program.to_string(), settings}}});
}

}  // namespace

ProgramWatch::ProgramWatch(http::Url url, const base::PublicKey& program,
                           ports::Commitment commitment, ports::Chain::ProgramCallback callback)
    : url_(std::move(url)),
      program_(program),
      subscribe_(subscribe_text(program, commitment)),
      callback_(std::move(callback)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

ProgramWatch::~ProgramWatch() {
  thread_.request_stop();
  thread_.join();
}

void ProgramWatch::run(const std::stop_token& stop) {
  auto backoff = kFirstBackoff;
  while (!stop.stop_requested()) {
    const bool was_subscribed = live_once(stop);
    backoff = was_subscribed ? kFirstBackoff : std::min(backoff * 2, kLongestBackoff);
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, stop, backoff, [] { return false; });
  }
}

bool ProgramWatch::live_once(const std::stop_token& stop) {
  subscription_.reset();
  {
    const std::lock_guard lock(mutex_);
    ended_ = subscribed_ = false;
  }
  http::WebSocketHandlers handlers{
      .on_message = [this](std::string_view text) { on_message(text); },
      .on_close = [this](std::string_view) { end_connection(); },
  };
  http::WebSocketClientOptions options;
  options.max_message_bytes = kMaxNotificationBytes;
  auto socket = http::WebSocketClient::connect(url_, std::move(handlers), options, kConnectTimeout);
  if (!socket) return false;
  (*socket)->send(subscribe_);
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, stop, kSubscribeTimeout, [this] { return ended_ || subscribed_; });
  if (subscribed_) changed_.wait(lock, stop, [this] { return ended_; });
  const bool was_subscribed = subscribed_;
  // The socket's destructor runs on_close, which takes the lock.
  lock.unlock();
  socket->reset();
  return was_subscribed;
}

void ProgramWatch::end_connection() {
  const std::lock_guard lock(mutex_);
  ended_ = true;
  changed_.notify_all();
}

void ProgramWatch::on_message(std::string_view text) {
  const auto message = parse_json(text);
  // A node that talks nonsense is left; the next connection starts from a known state.
  if (!message) return end_connection();
  if (unsigned_in(member(&*message, "id")) == kSubscribeId) {
    subscription_ = unsigned_in(member(&*message, "result"));
    if (!subscription_) return end_connection();
    callback_(std::nullopt, 0);
    const std::lock_guard lock(mutex_);
    subscribed_ = true;
    changed_.notify_all();
    return;
  }
  const json::value* params = member(&*message, "params");
  if (!subscription_ || unsigned_in(member(params, "subscription")) != subscription_) return;
  const json::value* result = member(params, "result");
  const auto slot = unsigned_in(member(member(result, "context"), "slot"));
  const auto account = program_account_in(member(result, "value"));
  if (!slot || !account) return end_connection();
  if (account->account.owner == program_) callback_(account, *slot);
}

}  // namespace obelisk::solana_rpc
