// Prepared: a whole answer to GET as it goes over the wire, made once and sent many times. It never
// changes, so any thread may send it.
#pragma once

#include <string>
#include <string_view>

#include "adapters/http/message.hpp"

namespace obelisk::http {

class Prepared {
 public:
  explicit Prepared(const Response& response);

  // Head and body; the head alone; the answer to who has it already (empty without an ETag).
  std::string_view whole() const { return text_; }
  std::string_view head() const { return std::string_view(text_).substr(0, head_bytes_); }
  std::string_view body() const { return std::string_view(text_).substr(head_bytes_); }
  std::string_view not_modified() const { return not_modified_; }
  // Whether an If-None-Match header names what this is.
  bool is_named_by(std::string_view if_none_match) const;
  std::size_t bytes() const { return text_.size() + not_modified_.size(); }

 private:
  std::string text_;
  std::size_t head_bytes_ = 0;
  std::string etag_;  // without the W/ of a weak one
  std::string not_modified_;
};

}  // namespace obelisk::http
