#include "adapters/http/detail/quick_scan.hpp"

#include <algorithm>
#include <array>

namespace obelisk::http {
namespace {

constexpr std::string_view kEnd = "\r\n\r\n";
constexpr std::string_view kVersion = " HTTP/1.1";

// Of a request line's target and a header's value: nothing that needs a second thought.
bool plain(char c) { return c > 0x20 && c < 0x7f; }

bool same(std::string_view a, std::string_view lower) {
  return std::ranges::equal(a, lower, [](char x, char y) {
    return (x >= 'A' && x <= 'Z' ? static_cast<char>(x - 'A' + 'a') : x) == y;
  });
}

// Headers that change nothing of an answer that is anybody's to see.
bool harmless(std::string_view name) {
  constexpr std::array kNames{"accept",
                              "accept-encoding",
                              "accept-language",
                              "cache-control",
                              "dnt",
                              "priority",
                              "pragma",
                              "referer",
                              "sec-fetch-dest",
                              "sec-fetch-mode",
                              "sec-fetch-site",
                              "sec-fetch-user",
                              "user-agent",
                              "x-forwarded-host",
                              "x-real-ip",
                              "x-forwarded-proto"};
  return std::ranges::any_of(kNames, [&](const char* known) { return same(name, known); });
}

struct Counts {
  std::size_t hosts = 0;
  std::size_t headers = 0;
};

// False where the line is not one of the plainest.
bool take_header(std::string_view line, QuickHead& out, Counts& counts) {
  const std::size_t colon = line.find(':');
  if (colon == 0 || colon == std::string_view::npos) return false;
  const std::string_view name = line.substr(0, colon);
  std::string_view value = line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  const auto shown = [](char c) { return plain(c) || c == ' '; };
  if (value.starts_with(' ') || value.ends_with(' ') || !std::ranges::all_of(value, shown)) {
    return false;
  }
  ++counts.headers;
  if (same(name, "host")) return ++counts.hosts == 1 && !value.empty();
  if (same(name, "connection")) return same(value, "keep-alive");
  if (same(name, "if-none-match")) {
    if (!out.if_none_match.empty()) return false;
    out.if_none_match = value;
    return true;
  }
  if (same(name, "x-forwarded-for")) {
    if (!out.forwarded_for.empty()) return false;
    out.forwarded_for = value;
    return true;
  }
  return harmless(name);
}

}  // namespace

std::optional<QuickHead> scan_quick(std::string_view arrived, const QuickBounds& bounds) {
  QuickHead out;
  out.head = arrived.starts_with("HEAD /");
  if (!out.head && !arrived.starts_with("GET /")) return std::nullopt;
  const std::size_t end = arrived.substr(0, bounds.max_header_bytes).find(kEnd);
  if (end == std::string_view::npos) return std::nullopt;
  out.bytes = end + kEnd.size();
  std::string_view rest = arrived.substr(0, end + 2);
  std::string_view line = rest.substr(0, rest.find("\r\n"));
  rest.remove_prefix(line.size() + 2);
  line.remove_prefix(out.head ? 5 : 4);
  if (!line.ends_with(kVersion)) return std::nullopt;
  out.target = line.substr(0, line.size() - kVersion.size());
  const auto usual = [](char c) { return plain(c) && c != '#'; };
  if (out.target.size() > bounds.max_url_bytes || !std::ranges::all_of(out.target, usual)) {
    return std::nullopt;
  }
  Counts counts;
  while (!rest.empty()) {
    line = rest.substr(0, rest.find("\r\n"));
    rest.remove_prefix(line.size() + 2);
    if (!take_header(line, out, counts)) return std::nullopt;
  }
  if (counts.hosts != 1 || counts.headers > bounds.max_headers) return std::nullopt;
  return out;
}

}  // namespace obelisk::http
