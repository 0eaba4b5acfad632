#include "apps/market/traced_exchange.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>

#include "adapters/http/problem.hpp"
#include "base/crypto.hpp"

namespace obelisk::market_app {
namespace {

constexpr std::size_t kLeast = 8;
constexpr std::size_t kMost = 64;
constexpr int kSwitching = 101;
constexpr int kNoWebSocket = 426;

bool is_plain(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
         c == '_' || c == '.';
}

// Not to be guessed over restarts, and cheap: a random beginning for the process, then a count.
std::string new_id() {
  static const std::uint64_t process = base::random_u64();
  static std::atomic<std::uint64_t> count = 0;
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%016llx-%llx", static_cast<unsigned long long>(process),
                static_cast<unsigned long long>(++count));
  return text.data();
}

// The answer that comes later, named like any other.
class TracedLater final : public http::LaterAnswer {
 public:
  TracedLater(std::shared_ptr<http::LaterAnswer> real, std::string request_id,
              TracedExchange::Told told)
      : real_(std::move(real)), request_id_(std::move(request_id)), told_(std::move(told)) {}
  void reply(http::Response response) override {
    http::name_request(response, request_id_);
    response.headers.push_back({kRequestIdHeader, request_id_});
    const int status = response.status;
    const std::size_t bytes = response.body.size();
    // First, so that whoever has the answer finds it counted.
    if (told_) told_(status, bytes);
    real_->reply(std::move(response));
  }

 private:
  const std::shared_ptr<http::LaterAnswer> real_;
  const std::string request_id_;
  const TracedExchange::Told told_;
};

}  // namespace

std::string request_id_of(const http::Request& request) {
  const auto given = request.header(kRequestIdHeader).value_or("");
  const bool sane =
      given.size() >= kLeast && given.size() <= kMost && std::ranges::all_of(given, is_plain);
  return sane ? std::string(given) : new_id();
}

void TracedExchange::reply(http::Response response) {
  http::name_request(response, request_id_);
  response.headers.push_back({kRequestIdHeader, request_id_});
  status_ = response.status;
  bytes_ = response.body.size();
  real_.reply(std::move(response));
}

std::shared_ptr<http::EventStream> TracedExchange::stream_events(
    std::vector<http::Header> headers) {
  status_ = 200;
  headers.push_back({kRequestIdHeader, request_id_});
  return real_.stream_events(std::move(headers));
}

std::shared_ptr<http::LaterAnswer> TracedExchange::answer_later() {
  is_later_ = true;
  return std::make_shared<TracedLater>(real_.answer_later(), request_id_, std::move(told_));
}

std::shared_ptr<http::WebSocket> TracedExchange::accept_websocket(http::WebSocketHandlers handlers,
                                                                  std::size_t max_message_bytes) {
  auto socket = real_.accept_websocket(std::move(handlers), max_message_bytes);
  status_ = socket ? kSwitching : kNoWebSocket;
  return socket;
}

}  // namespace obelisk::market_app
