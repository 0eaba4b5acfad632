// Connection: one outgoing connection that carries requests one after the other, driven by the
// thread that calls. It must never be used again after a call on it failed.
#pragma once

#include <atomic>
#include <boost/beast/core/flat_buffer.hpp>
#include <cstddef>
#include <functional>
#include <string>

#include "adapters/http/detail/dial.hpp"
#include "adapters/http/message.hpp"

namespace obelisk::http {

class Connection {
 public:
  enum class Outcome { good, late, broken, too_large, malformed, stopped };

  // What became of one request.
  struct Report {
    Outcome outcome = Outcome::broken;
    std::string why;            // for broken and malformed
    bool any_sent = false;      // at least one byte left
    bool any_received = false;  // at least one byte came back
    bool reusable = false;      // another request may follow
  };

  // Writes `bytes` and reads the head and the whole body of the answer.
  Report call(std::string_view head, std::string_view body, bool answer_has_no_body,
              std::size_t max_body_bytes, Deadline deadline, Response& response);

  // Writes `bytes` and gives the body of a 200 answer to `on_bytes` piece by piece, until that
  // returns false (stopped). Another status is read like call() does, up to 64 KiB.
  Report stream(std::string_view head, std::string_view body,
                std::chrono::milliseconds idle_timeout,
                const std::function<bool(std::string_view)>& on_bytes, Response& response);
  // Ends a stream() under way, or the next one; any thread.
  void interrupt();

  // The server has closed it, or sent something nobody asked for.
  bool stale();

  Line& line() { return line_; }

 private:
  struct Exchange;
  asio::awaitable<void> run(Exchange& exchange);
  asio::awaitable<error_code> read_body(Exchange& exchange);
  void conclude(Exchange& exchange) const;

  Line line_;
  beast::flat_buffer buffer_;
  std::atomic<bool> interrupted_ = false;
};

}  // namespace obelisk::http
