// EventParser: bytes of a text/event-stream in, events out, in whatever pieces they come. It must
// never keep more than one event and one line of bounded size.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "adapters/http/client.hpp"
#include "base/result.hpp"

namespace obelisk::http {

class EventParser {
 public:
  explicit EventParser(std::size_t max_event_bytes = 1 << 20) : max_bytes_(max_event_bytes) {}

  enum class Outcome { more, stopped, too_large };
  // Calls on_event for each event that these bytes complete, until it returns false (stopped).
  // After stopped or too_large the parser is finished.
  Outcome feed(std::string_view bytes, const std::function<bool(const Event&)>& on_event);

 private:
  bool take_line(const std::function<bool(const Event&)>& on_event);
  void take_field(std::string_view name, std::string_view value);

  std::size_t max_bytes_;
  std::string line_;
  std::string data_;
  std::string event_;
  std::string last_id_;
  bool has_data_ = false;
  bool after_return_ = false;
  bool first_line_ = true;
};

// One event as it travels, with its closing empty line. Line breaks in id and event are dropped.
std::string format_event(std::string_view id, std::string_view event, std::string_view data);

}  // namespace obelisk::http
