#include "adapters/http/detail/event_parser.hpp"

namespace obelisk::http {

EventParser::Outcome EventParser::feed(std::string_view bytes,
                                       const std::function<bool(const Event&)>& on_event) {
  for (const char c : bytes) {
    // A line ends with \n, \r or \r\n; the \n of the last one may come in the next piece.
    if (c == '\n' && after_return_) {
      after_return_ = false;
      continue;
    }
    after_return_ = c == '\r';
    if (c == '\n' || c == '\r') {
      if (!take_line(on_event)) return Outcome::stopped;
      line_.clear();
      continue;
    }
    if (line_.size() + data_.size() >= max_bytes_) return Outcome::too_large;
    line_.push_back(c);
  }
  return Outcome::more;
}

bool EventParser::take_line(const std::function<bool(const Event&)>& on_event) {
  std::string_view line = line_;
  if (first_line_ && line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
  first_line_ = false;
  if (line.empty()) {
    const bool complete = has_data_;
    Event event{last_id_, event_.empty() ? "message" : event_, std::move(data_)};
    data_.clear();
    event_.clear();
    has_data_ = false;
    return !complete || on_event(event);
  }
  const std::size_t colon = line.find(':');
  if (colon == 0) return true;
  std::string_view value = colon == line.npos ? std::string_view() : line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  take_field(line.substr(0, colon), value);
  return true;
}

void EventParser::take_field(std::string_view name, std::string_view value) {
  if (name == "data") {
    if (has_data_) data_.push_back('\n');
    data_.append(value);
    has_data_ = true;
  } else if (name == "event") {
    event_ = value;
  } else if (name == "id" && value.find('\0') == value.npos) {
    last_id_ = value;
  }
}

std::string format_event(std::string_view id, std::string_view event, std::string_view data) {
  std::string out;
  const auto add = [&](std::string_view name, std::string_view value) {
    out.append(name);
    for (const char c : value) {
      if (c != '\n' && c != '\r' && c != '\0') out.push_back(c);
    }
    out.push_back('\n');
  };
  if (!id.empty()) add("id: ", id);
  if (!event.empty()) add("event: ", event);
  // A lone \r would end a line too, so it counts as one here.
  for (std::size_t start = 0; start <= data.size();) {
    const std::size_t end = std::min(data.find_first_of("\r\n", start), data.size());
    add("data: ", data.substr(start, end - start));
    start = end + (data.substr(end).starts_with("\r\n") ? 2 : 1);
  }
  out.push_back('\n');
  return out;
}

}  // namespace obelisk::http
