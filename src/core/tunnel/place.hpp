// Place: where a gateway is and which key it must show, as people write it: "gw.example:7443#KEY".
// The key is the whole trust: a name can be taken over, a pinned key cannot.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/public_key.hpp"
#include "base/result.hpp"

namespace obelisk::tunnel {

inline constexpr std::size_t kMaxPlaces = 4;

struct Place {
  std::string host;  // a name or a numeric address, IPv6 without brackets
  std::uint16_t port = 0;
  base::PublicKey key;  // Ed25519, of its TLS certificate

  bool operator==(const Place&) const = default;
};

// invalid_input says which part is wrong.
base::Result<Place> parse_place(std::string_view text);
// Several, with commas between; an empty text has none. Refuses more than kMaxPlaces, and the same
// gateway twice, whatever it is called.
base::Result<std::vector<Place>> parse_places(std::string_view text);
std::string to_string(const Place& place);

}  // namespace obelisk::tunnel
