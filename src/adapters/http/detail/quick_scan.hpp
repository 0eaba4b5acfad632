// The plainest of all requests, recognized without a parser: GET or HEAD over HTTP/1.1 with one
// Host, no body, no credentials, nothing that asks for anything unusual, and not one byte that the
// parser could read otherwise. Pure. It must never say yes to what the parser would refuse.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace obelisk::http {

struct QuickHead {
  bool head = false;
  std::string_view target;  // starts with '/'
  std::string_view if_none_match;
  std::string_view forwarded_for;
  std::size_t bytes = 0;  // of the request, with its empty line
};

struct QuickBounds {
  std::size_t max_header_bytes = 0;
  std::size_t max_headers = 0;
  std::size_t max_url_bytes = 0;
};

// The first request of what arrived, or nothing where it is not whole or not that plain.
std::optional<QuickHead> scan_quick(std::string_view arrived, const QuickBounds& bounds);

}  // namespace obelisk::http
