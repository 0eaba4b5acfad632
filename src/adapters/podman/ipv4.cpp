#include "adapters/podman/ipv4.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>

namespace obelisk::podman {

namespace json = boost::json;

namespace {

std::uint32_t mask_of(int prefix) { return prefix == 0 ? 0 : ~std::uint32_t{0} << (32 - prefix); }

base::Result<std::vector<Network>> read_routes(std::string_view text, bool only_links) {
  boost::system::error_code failed;
  json::value parsed = json::parse(json::string_view(text.data(), text.size()), failed);
  if (failed || !parsed.is_array()) {
    return base::Error{base::Code::internal, "`ip -j route` wrote something that is not a list.",
                       "Check that iproute2 is installed whole."};
  }
  std::vector<Network> out;
  for (const json::value& route : parsed.as_array()) {
    if (!route.is_object()) continue;
    const json::value* destination = route.as_object().if_contains("dst");
    if (destination == nullptr || !destination->is_string()) continue;
    if (only_links && route.as_object().contains("gateway")) continue;
    auto network = parse_network(std::string(destination->as_string()));
    if (network && network->prefix > 0) out.push_back(*network);
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

}  // namespace

std::string address_text(std::uint32_t address) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) {
    if (!out.empty()) out += '.';
    out += std::to_string((address >> shift) & 0xff);
  }
  return out;
}

std::optional<std::uint32_t> parse_address(std::string_view text) {
  in_addr parsed{};
  if (text.size() > 15 || inet_pton(AF_INET, std::string(text).c_str(), &parsed) != 1) {
    return std::nullopt;
  }
  return ntohl(parsed.s_addr);
}

std::optional<Network> parse_network(std::string_view text) {
  std::size_t slash = text.find('/');
  auto address = parse_address(text.substr(0, slash));
  if (!address) return std::nullopt;
  int prefix = 32;
  if (slash != std::string_view::npos) {
    std::string_view digits = text.substr(slash + 1);
    auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
    if (failed != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
    if (prefix < 0 || prefix > 32) return std::nullopt;
  }
  return Network{*address & mask_of(prefix), prefix};
}

std::string network_text(const Network& network) {
  return address_text(network.address) + "/" + std::to_string(network.prefix);
}

bool overlap(const Network& a, const Network& b) {
  std::uint32_t mask = mask_of(std::min(a.prefix, b.prefix));
  return (a.address & mask) == (b.address & mask);
}

base::Result<std::vector<Network>> networks_in_routes(std::string_view json) {
  return read_routes(json, false);
}

base::Result<std::vector<Network>> neighbours_in_routes(std::string_view json) {
  return read_routes(json, true);
}

}  // namespace obelisk::podman
