// Door names: how one port of a lease is called in a host name, so that a browser finds it by
// https alone: "8888-NAME.gw.example", "terminal-NAME.gw.example". NAME is the lease's address in
// base32 (RFC 4648, lower case, no padding): host names know no upper case, base58 needs it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/public_key.hpp"

namespace obelisk::tunnel {

struct DoorName {
  base::PublicKey lease;
  std::uint16_t port = 0;  // inside the lease; kTerminal (0): its terminal
  bool operator==(const DoorName&) const = default;
};

// The first label of the name, of at most 61 characters (63 are allowed).
std::string label_of(const DoorName& door);
// Nothing for a label that label_of() would not write; upper case is taken too.
std::optional<DoorName> door_from(std::string_view label);

// Where the ports of a lease are: `origin` ("https://gw.example:8443") with "{port}-NAME." before
// its host. Whoever knows the template puts a number or "terminal" for {port}.
std::string web_template(const base::PublicKey& lease, std::string_view origin);
// The address of one port; nothing where the template is none of that lease's, or leads to another
// machine in the clear.
std::optional<std::string> web_address(std::string_view web_template, const DoorName& door);

}  // namespace obelisk::tunnel
