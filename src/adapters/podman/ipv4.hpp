// Ipv4: addresses and networks as numbers, and the networks a machine already uses, read from what
// `ip` says. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace obelisk::podman {

struct Network {
  std::uint32_t address = 0;  // host byte order; the bits below the prefix are zero
  int prefix = 32;
  auto operator<=>(const Network&) const = default;
};

std::string address_text(std::uint32_t address);
std::optional<std::uint32_t> parse_address(std::string_view text);
// "10.0.0.0/8" or "10.1.2.3" (a /32). Bits below the prefix are dropped.
std::optional<Network> parse_network(std::string_view text);
std::string network_text(const Network& network);
bool overlap(const Network& a, const Network& b);

// Destinations in the JSON of `ip -j -4 route show table all`, without default routes.
base::Result<std::vector<Network>> networks_in_routes(std::string_view json);
// Of those, the ones on a link of this machine (no gateway): its neighbours.
base::Result<std::vector<Network>> neighbours_in_routes(std::string_view json);

}  // namespace obelisk::podman
