// The renter's SSH key as they sent it: one line of an OpenSSH public key, checked before it costs
// anybody anything. What is accepted is safe to write into an authorized_keys file. It must never
// let options, commands or a second line through, nor take a private key without saying so.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace obelisk::market_app {

// "ssh-ed25519 AAAA... comment", canonical: type, base64, and a comment of plain characters if
// there was one. Known types: Ed25519, RSA from 2048 bits, ECDSA on the NIST curves, and the
// hardware-backed forms of Ed25519 and ECDSA.
base::Result<std::string> check_ssh_key(std::string_view line);

}  // namespace obelisk::market_app
