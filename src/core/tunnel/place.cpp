#include "core/tunnel/place.hpp"

#include <algorithm>
#include <charconv>

namespace obelisk::tunnel {
namespace {

using base::Code;
using base::Error;

constexpr std::size_t kMaxHost = 253;

Error not_a_place(std::string_view text, const char* why) {
  return {Code::invalid_input,
          "'" + std::string(text.substr(0, 80)) + "' names no gateway: " + why + ".",
          "Write it like gw.example:7443#KEY, as obelisk-gateway prints it."};
}

bool is_host(std::string_view host) {
  const auto is_good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == ':';
  };
  return !host.empty() && host.size() <= kMaxHost && host.front() != '-' &&
         std::ranges::all_of(host, is_good);
}

}  // namespace

base::Result<Place> parse_place(std::string_view text) {
  const auto hash = text.find('#');
  if (hash == std::string_view::npos) return not_a_place(text, "its key is missing");
  const auto key = base::PublicKey::parse(text.substr(hash + 1));
  if (!key) return not_a_place(text, "what stands behind '#' is no key");
  const std::string_view at = text.substr(0, hash);
  const auto colon = at.rfind(':');
  if (colon == std::string_view::npos) return not_a_place(text, "its port is missing");
  std::string_view host = at.substr(0, colon);
  const std::string_view digits = at.substr(colon + 1);
  const bool bracketed = host.starts_with('[') && host.ends_with(']') && host.size() > 2;
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (bracketed != (host.find(':') != std::string_view::npos) || !is_host(host)) {
    return not_a_place(text, "its name is none");
  }
  Place out{std::string(host), 0, *key};
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out.port);
  if (error != std::errc{} || end != digits.data() + digits.size() || out.port == 0) {
    return not_a_place(text, "its port is none");
  }
  return out;
}

base::Result<std::vector<Place>> parse_places(std::string_view text) {
  std::vector<Place> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    TRY(Place place, parse_place(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (std::ranges::find(out, place.key, &Place::key) != out.end()) {
      return Error{Code::invalid_input, to_string(place) + " is named twice.", "Name it once."};
    }
    if (out.size() == kMaxPlaces) {
      return Error{Code::invalid_input, "These are more gateways than a host connects to.",
                   "Name up to " + std::to_string(kMaxPlaces) + ", with commas between."};
    }
    out.push_back(std::move(place));
  }
  return out;
}

std::string to_string(const Place& place) {
  const bool is_ipv6 = place.host.find(':') != std::string::npos;
  return (is_ipv6 ? "[" + place.host + "]" : place.host) + ":" + std::to_string(place.port) + "#" +
         place.key.to_string();
}

}  // namespace obelisk::tunnel
