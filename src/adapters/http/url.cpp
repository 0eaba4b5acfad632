#include "adapters/http/url.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <optional>

namespace obelisk::http {
namespace {

using base::Code;
using base::Error;
using base::Result;

constexpr std::size_t kMaxUrl = 2048;
constexpr std::size_t kMaxHost = 253;
constexpr std::size_t kMaxSocketFile = 107;  // what sockaddr_un holds

struct Prefix {
  std::string_view text;
  Scheme scheme;
  std::uint16_t port;
};

constexpr std::array kPrefixes{
    Prefix{"http://", Scheme::http, 80},       Prefix{"https://", Scheme::https, 443},
    Prefix{"ws://", Scheme::ws, 80},           Prefix{"wss://", Scheme::wss, 443},
    Prefix{"unix://", Scheme::unix_socket, 0},
};

const Prefix& prefix_of(Scheme scheme) {
  return *std::find_if(kPrefixes.begin(), kPrefixes.end(),
                       [&](const Prefix& prefix) { return prefix.scheme == scheme; });
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

// The text itself is not repeated: it may hold a password.
Error invalid(std::string message) {
  return Error{Code::invalid_input, "The URL is not usable: " + std::move(message) + ".",
               "Write it like https://host:port/path or unix:///path/to/socket."};
}

bool name_char(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '.' || c == '_';
}

bool address_char(char c) {
  return std::isxdigit(static_cast<unsigned char>(c)) != 0 || c == ':' || c == '.';
}

std::optional<std::uint16_t> read_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

// "host", "host:port", "[::1]" or "[::1]:port" into url.
Result<void> read_authority(std::string_view authority, Url& url) {
  if (authority.find('@') != std::string_view::npos) {
    return invalid("it carries a user name or a password");
  }
  std::string_view host = authority;
  std::string_view rest;
  if (authority.starts_with('[')) {
    const std::size_t end = authority.find(']');
    if (end == std::string_view::npos) return invalid("a bracket is not closed");
    host = authority.substr(1, end - 1);
    rest = authority.substr(end + 1);
    if (host.find(':') == std::string_view::npos ||
        !std::all_of(host.begin(), host.end(), address_char)) {
      return invalid("what is in brackets is no IPv6 address");
    }
  } else {
    host = authority.substr(0, authority.find(':'));
    rest = authority.substr(host.size());
    if (!std::all_of(host.begin(), host.end(), name_char)) {
      return invalid("the host has characters that no host name has");
    }
  }
  if (host.empty()) return invalid("the host is missing");
  if (host.size() > kMaxHost) return invalid("the host is longer than 253 bytes");
  url.host = lower(host);
  if (rest.empty()) return {};
  const auto port = read_port(rest.substr(1));
  if (rest.front() != ':' || !port) return invalid("the port is not a number from 1 to 65535");
  url.port = *port;
  return {};
}

}  // namespace

Result<Url> Url::parse(std::string_view text) {
  if (text.size() > kMaxUrl) return invalid("it is longer than 2048 bytes");
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte >= 0x7f) return invalid("it has a space or a special character");
  }
  const std::size_t colon = text.find("://");
  const std::string start = lower(text.substr(0, colon == text.npos ? 0 : colon + 3));
  const auto* prefix = std::find_if(kPrefixes.begin(), kPrefixes.end(),
                                    [&](const Prefix& known) { return known.text == start; });
  if (prefix == kPrefixes.end()) {
    return invalid("it does not begin with http://, https://, ws://, wss:// or unix://");
  }
  text.remove_prefix(start.size());
  Url url;
  url.scheme = prefix->scheme;
  url.port = prefix->port;
  if (url.scheme == Scheme::unix_socket) {
    if (!text.starts_with('/') || text.size() == 1) return invalid("the socket's path is missing");
    if (text.size() > kMaxSocketFile) return invalid("the socket's path is over 107 bytes");
    url.socket_file = text;
    return url;
  }
  text = text.substr(0, text.find('#'));
  const std::string_view authority = text.substr(0, text.find_first_of("/?"));
  TRY_VOID(read_authority(authority, url));
  text.remove_prefix(authority.size());
  const std::size_t question = text.find('?');
  if (question != text.npos) url.query = text.substr(question + 1);
  url.path = text.substr(0, question);
  if (url.path.empty()) url.path = "/";
  return url;
}

bool Url::secure() const { return scheme == Scheme::https || scheme == Scheme::wss; }
bool Url::web_socket() const { return scheme == Scheme::ws || scheme == Scheme::wss; }

std::string Url::where() const {
  if (scheme == Scheme::unix_socket) return socket_file;
  const bool bracket = host.find(':') != std::string::npos;
  return (bracket ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::string Url::host_header() const {
  if (scheme == Scheme::unix_socket) return "localhost";
  const std::string full = where();
  if (port != prefix_of(scheme).port) return full;
  return full.substr(0, full.rfind(':'));
}

}  // namespace obelisk::http
