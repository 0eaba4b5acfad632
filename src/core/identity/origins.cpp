#include "core/identity/origins.hpp"

#include <algorithm>

namespace obelisk::identity {
namespace {

using base::Code;
using base::Error;

constexpr std::size_t kMostOrigins = 8;
constexpr std::size_t kMostHost = 260;

std::string lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

bool is_host(std::string_view text) {
  const auto fits = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-' || c == '.' || c == ':' ||
           c == '[' || c == ']';
  };
  return !text.empty() && text.size() <= kMostHost && std::ranges::all_of(text, fits);
}

// "127.0.0.1" of "127.0.0.1:8480", "::1" of "[::1]:8480"; the port must be a number.
std::optional<std::string_view> name_of(std::string_view host) {
  std::string_view name = host;
  std::string_view port = "0";
  if (host.starts_with('[')) {
    const auto close = host.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    name = host.substr(1, close - 1);
    const std::string_view rest = host.substr(close + 1);
    if (!rest.empty() && !rest.starts_with(':')) return std::nullopt;
    if (!rest.empty()) port = rest.substr(1);
  } else if (const auto colon = host.find(':'); colon != std::string_view::npos) {
    name = host.substr(0, colon);
    port = host.substr(colon + 1);
  }
  const bool is_number = !port.empty() && port.size() <= 5 &&
                         std::ranges::all_of(port, [](char c) { return c >= '0' && c <= '9'; });
  return is_number ? std::optional(name) : std::nullopt;
}

Error bad_origin(std::string_view text) {
  return {Code::usage, "'" + std::string(text.substr(0, 80)) + "' is not an origin.",
          "Write it like https://market.example, commas between several (8 at most)."};
}

base::Result<Origin> origin_from(std::string_view text) {
  const std::string url = lower(std::string(text));
  const auto end = url.find("://");
  const std::string scheme = url.substr(0, std::min(end, url.size()));
  if (end == std::string::npos || (scheme != "https" && scheme != "http")) return bad_origin(text);
  std::string host = url.substr(end + 3);
  if (host.ends_with('/')) host.pop_back();
  // Clients leave the scheme's own port out of the Host header.
  const std::string usual = scheme == "https" ? ":443" : ":80";
  if (host.ends_with(usual)) host.resize(host.size() - usual.size());
  if (!is_host(host) || !name_of(host) || name_of(host)->empty()) return bad_origin(text);
  return Origin{scheme + "://" + host, host};
}

}  // namespace

base::Result<Origins> Origins::parse(std::string_view text) {
  Origins out;
  while (true) {
    const auto comma = std::min(text.find(','), text.size());
    TRY(auto origin, origin_from(text.substr(0, comma)));
    out.known_.push_back(std::move(origin));
    if (out.known_.size() > kMostOrigins) return bad_origin(text);
    if (comma == text.size()) return out;
    text.remove_prefix(comma + 1);
  }
}

Origins Origins::local(std::string listen_address) {
  Origins out;
  out.local_ = lower(std::move(listen_address));
  return out;
}

std::optional<Origin> Origins::find(std::string_view host_header) const {
  const std::string host = lower(std::string(host_header));
  if (!is_host(host)) return std::nullopt;
  const auto at = std::ranges::find(known_, host, &Origin::host);
  if (at != known_.end()) return *at;
  if (!local_) return std::nullopt;
  const auto name = name_of(host);
  const bool here =
      name && (*name == "127.0.0.1" || *name == "localhost" || *name == "::1" || *name == *local_);
  return here ? std::optional(Origin{"http://" + host, host}) : std::nullopt;
}

std::string Origins::names() const {
  if (local_) return "http://127.0.0.1, http://localhost";
  std::string out;
  for (const Origin& origin : known_) out += (out.empty() ? "" : ", ") + origin.url;
  return out;
}

}  // namespace obelisk::identity
