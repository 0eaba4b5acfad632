#include "apps/host/link.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "base/bytes.hpp"

namespace obelisk::host {
namespace {

using namespace std::chrono_literals;

constexpr auto kConnectTimeout = 10s;
constexpr auto kFirstWait = 200ms;
constexpr auto kLongestWait = 5s;
constexpr std::size_t kMaxUnsent = 1000;
// A market that is gone without a word is left after this: until then the host's offers stand in a
// connection that carries nothing, and wait for TCP, which tries again ever later.
constexpr int kPingEveryMs = 5'000;
constexpr int kSilenceMs = 16'000;

}  // namespace

std::string type_of(std::string_view json) {
  boost::json::error_code error;
  boost::json::parse_options options;
  options.max_depth = 16;
  const auto value = boost::json::parse(json, error, {}, options);
  if (error || !value.is_object()) return "";
  const auto* type = value.get_object().if_contains("type");
  return type != nullptr && type->is_string() ? std::string(type->get_string()) : "";
}

Link::Link(http::Url url, base::PublicKey market, ports::Signer& signer, LinkEvents events)
    : url_(std::move(url)), market_(market), signer_(signer), events_(std::move(events)) {}

Link::~Link() {
  ending_ = true;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Link::start() {
  thread_ = std::thread([this] { keep_connecting(); });
}

void Link::say(const std::string& message) {
  if (welcomed_) send(message);
}

// The answer to a challenge may be ready before connect() has returned the socket: it waits.
void Link::send(const std::string& message) {
  const std::lock_guard lock(mutex_);
  if (socket_ != nullptr) {
    socket_->send(message);
  } else if (unsent_.size() < kMaxUnsent) {
    unsent_.push_back(message);
  }
}

void Link::keep_connecting() {
  auto wait = kFirstWait;
  bool said = false;
  while (!ending_) {
    const auto from = std::chrono::steady_clock::now();
    session();
    if (ending_) return;
    // A link that held for a while was a good one: the next attempt comes soon.
    if (std::chrono::steady_clock::now() - from > 30s) {
      wait = kFirstWait;
      said = false;
    }
    if (!said) events_.log("The market at " + url_.where() + " is out of reach. Trying again.");
    said = true;
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, wait, [this] { return ending_.load(); });
    wait = std::min<std::chrono::milliseconds>(wait * 2, kLongestWait);
  }
}

void Link::session() {
  {
    const std::lock_guard lock(mutex_);
    if (ending_) return;
    closed_ = false;
    unsent_.clear();
  }
  http::WebSocketHandlers handlers;
  handlers.on_message = [this](std::string_view text) { hear(text); };
  handlers.on_close = [this](std::string_view) {
    welcomed_ = false;
    const std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_all();
  };
  http::WebSocketClientOptions options;
  options.ping_interval_ms = kPingEveryMs;
  options.silence_limit_ms = kSilenceMs;
  auto socket = http::WebSocketClient::connect(url_, std::move(handlers), options, kConnectTimeout);
  if (!socket) return;
  {
    std::unique_lock lock(mutex_);
    socket_ = socket->get();
    for (const std::string& message : unsent_) socket_->send(message);
    unsent_.clear();
    changed_.wait(lock, [this] { return closed_; });
    socket_ = nullptr;
  }
  welcomed_ = false;
}

void Link::hear(std::string_view text) {
  const std::string type = type_of(text);
  if (type == "challenge") {
    answer_challenge(text);
  } else if (type == "welcome") {
    const auto message = api::market_welcome_from_json(text);
    if (!message) return events_.log(message.error().message);
    welcomed_ = true;
    events_.log("Connected to the market at " + url_.where() + ".");
    for (const std::string& first : events_.welcomed(*message)) send(first);
  } else if (type == "lease") {
    const auto message = api::market_lease_from_json(text);
    if (!message) return events_.log(message.error().message);
    events_.wish(*message);
  } else if (type == "attestation") {
    const auto message = api::market_attestation_from_json(text);
    if (!message) return events_.log(message.error().message);
    events_.attestation(*message);
  } else if (type == "notice") {
    const auto message = api::market_notice_from_json(text);
    if (!message) return events_.log(message.error().message);
    events_.log("The market says: " + message->message + " " + message->action);
    if (events_.notice) events_.notice(*message);
  } else if (type == "prove") {
    const auto message = api::market_prove_from_json(text);
    if (!message) return events_.log(message.error().message);
    if (events_.prove) events_.prove(*message);
  } else if (type == "proven") {
    const auto message = api::market_proven_from_json(text);
    if (!message) return events_.log(message.error().message);
    if (events_.proven) events_.proven(message->proven);
  } else if (type == "pull") {
    const auto message = api::market_pull_from_json(text);
    if (!message) return events_.log(message.error().message);
    if (events_.pull) events_.pull(*message);
  } else if (type == "ask") {
    const auto message = api::market_ask_from_json(text);
    if (!message) return events_.log(message.error().message);
    if (events_.ask) events_.ask(*message);
  }
  // Anything else is from a newer market: a host that does not know it serves on.
}

void Link::answer_challenge(std::string_view text) {
  const auto message = api::market_challenge_from_json(text);
  const auto challenge = message ? base::from_hex(message->challenge) : std::nullopt;
  if (!challenge || challenge->size() != 32)
    return events_.log("The market's challenge is damaged.");
  if (message->market != market_) {
    return events_.log("This server is for the market " + message->market.to_string() +
                       ", this host serves " + market_.to_string() + ". Not connecting.");
  }
  base::Writer signed_bytes;
  signed_bytes.put("OBELISKH");
  signed_bytes.put(*challenge);
  signed_bytes.put(market_.view());
  api::HostHello hello;
  hello.type = "hello";
  hello.host = signer_.public_key();
  hello.signature = signer_.sign(signed_bytes.bytes());
  hello.version = OBELISK_VERSION;
  send(api::to_json(hello));
}

}  // namespace obelisk::host
