#include "core/tunnel/request_head.hpp"

#include <algorithm>
#include <charconv>

namespace obelisk::tunnel {
namespace {

constexpr std::size_t kMaxMethod = 20;
constexpr std::size_t kMaxHost = 253 + 6;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
char lower(char c) { return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lowered(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), lower);
  return out;
}

// RFC 9110, section 5.6.2.
bool is_token(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [&](char c) {
    return is_digit(c) || is_lower(c) || is_upper(c) || kMarks.find(c) != kMarks.npos;
  });
}

bool is_value(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return c == '\t' || (byte >= 0x20 && byte != 0x7f);
  });
}

std::string_view trimmed(std::string_view text) {
  const auto is_space = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

// A name, or a numeric IPv4 address; a port of up to five digits behind it.
bool is_host(std::string_view host) {
  const auto colon = host.find(':');
  const auto name = host.substr(0, colon);
  const auto fits = [](char c) { return is_lower(c) || is_digit(c) || c == '-' || c == '.'; };
  if (name.empty() || host.size() > kMaxHost || !std::ranges::all_of(name, fits)) return false;
  if (colon == host.npos) return true;
  const auto port = host.substr(colon + 1);
  return !port.empty() && port.size() <= 5 && std::ranges::all_of(port, is_digit);
}

bool read_request_line(std::string_view line, RequestHead& head) {
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  if (first == line.npos || first == last) return false;
  head.method = line.substr(0, first);
  head.target = line.substr(first + 1, last - first - 1);
  const auto version = line.substr(last + 1);
  const auto is_printable = [](char c) { return c > 0x20 && c < 0x7f && c != '#'; };
  return head.method.size() <= kMaxMethod && std::ranges::all_of(head.method, is_upper) &&
         !head.method.empty() && head.target.starts_with('/') &&
         std::ranges::all_of(head.target, is_printable) &&
         (version == "HTTP/1.1" || version == "HTTP/1.0");
}

bool read_field(std::string_view line, RequestHead& head) {
  const auto colon = line.find(':');
  // A line that begins with a space would continue the one before: nobody sends that any more.
  if (colon == line.npos || !is_token(line.substr(0, colon))) return false;
  const auto value = trimmed(line.substr(colon + 1));
  if (!is_value(value) || head.fields.size() == kMaxHeadFields) return false;
  head.fields.emplace_back(lowered(line.substr(0, colon)), value);
  return true;
}

// The next line without its end, and what follows; nothing where none is whole, or a line ends in
// another way than it must.
std::optional<std::string_view> next_line(std::string_view& rest) {
  const auto end = rest.find('\n');
  if (end == rest.npos || end == 0 || rest[end - 1] != '\r') return std::nullopt;
  const auto line = rest.substr(0, end - 1);
  rest.remove_prefix(end + 1);
  return line;
}

bool has_bare_line_end(std::string_view bytes) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i] == '\n' && (i == 0 || bytes[i - 1] != '\r')) return true;
  }
  return false;
}

}  // namespace

std::optional<std::string_view> RequestHead::field(std::string_view name) const {
  std::optional<std::string_view> out;
  for (const auto& [known, value] : fields) {
    if (known != name) continue;
    if (out) return std::nullopt;
    out = value;
  }
  return out;
}

std::string_view RequestHead::host_name() const {
  return std::string_view(host).substr(0, host.find(':'));
}

std::optional<OneRequest> one_request(std::string_view bytes, const RequestHead& head) {
  OneRequest out;
  for (const auto& [name, value] : head.fields) {
    if (name == "transfer-encoding" || name == "upgrade") return std::nullopt;
    if (name != "content-length") continue;
    const auto only = head.field(name);
    const auto* const end = value.data() + value.size();
    const auto read = std::from_chars(value.data(), end, out.body);
    if (!only || read.ec != std::errc{} || read.ptr != end) return std::nullopt;
  }
  std::string_view rest = bytes.substr(0, head.size - 2);
  while (const auto line = next_line(rest)) {
    const auto name = lowered(line->substr(0, line->find(':')));
    if (name == "connection" || name == "keep-alive" || name == "proxy-connection") continue;
    out.head += std::string(*line) + "\r\n";
  }
  out.head += "Connection: close\r\n\r\n";
  return out;
}

HeadRead read_head(std::string_view bytes) {
  constexpr std::string_view kEnd = "\r\n\r\n";
  const auto end = bytes.substr(0, kMaxHeadBytes).find(kEnd);
  if (end == bytes.npos) {
    // What can become no head is not waited for.
    if (has_bare_line_end(bytes.substr(0, kMaxHeadBytes))) return HeadTrouble::malformed;
    if (bytes.size() >= kMaxHeadBytes) return HeadTrouble::too_large;
    const bool begins = bytes.empty() || is_upper(bytes.front());
    return begins ? HeadRead(HeadUnfinished{}) : HeadRead(HeadTrouble::malformed);
  }
  RequestHead head;
  head.size = end + kEnd.size();
  std::string_view rest = bytes.substr(0, end + 2);
  const auto first = next_line(rest);
  if (!first || !read_request_line(*first, head)) return HeadTrouble::malformed;
  while (!rest.empty()) {
    const auto line = next_line(rest);
    if (!line || !read_field(*line, head)) return HeadTrouble::malformed;
  }
  const auto host = head.field("host");
  if (!host) return HeadTrouble::malformed;
  head.host = lowered(*host);
  return is_host(head.host) ? HeadRead(std::move(head)) : HeadRead(HeadTrouble::malformed);
}

}  // namespace obelisk::tunnel
