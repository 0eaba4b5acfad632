// One request's exchange, watched: every answer carries the request's id, and what was answered can
// be counted and logged afterwards. It must never change an answer but by naming the request in it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "adapters/http/server.hpp"

namespace obelisk::market_app {

inline constexpr char kRequestIdHeader[] = "X-Request-Id";

// The one that came with the request where it is 8 to 64 letters, digits, '-', '_' and '.'; else a
// new one.
std::string request_id_of(const http::Request& request);

class TracedExchange final : public http::Exchange {
 public:
  TracedExchange(http::Exchange& real, std::string request_id)
      : real_(real), request_id_(std::move(request_id)) {}

  void reply(http::Response response) override;
  std::shared_ptr<http::EventStream> stream_events(std::vector<http::Header> headers) override;
  std::shared_ptr<http::WebSocket> accept_websocket(http::WebSocketHandlers handlers,
                                                    std::size_t max_message_bytes) override;

  std::shared_ptr<http::LaterAnswer> answer_later() override;
  // Called with status and bytes when an answer that comes later is given; before answer_later().
  using Told = std::function<void(int status, std::size_t bytes)>;
  void tell_later(Told told) { told_ = std::move(told); }
  bool is_later() const { return is_later_; }

  const std::string& request_id() const { return request_id_; }
  int status() const { return status_; }        // 0: nothing was answered
  std::size_t bytes() const { return bytes_; }  // of the body; of a stream 0

 private:
  http::Exchange& real_;
  const std::string request_id_;
  int status_ = 0;
  std::size_t bytes_ = 0;
  bool is_later_ = false;
  Told told_;
};

}  // namespace obelisk::market_app
