// The fingerprint of an SSH public key, as `ssh-keygen -lf KEY.pub` prints it: "SHA256:" and the
// Base64 of the digest without padding (OpenSSH's form since 6.8). Terms carry it, so that nobody
// between renter and host can exchange the key that opens the machine.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace obelisk::market {

// Of a line "type base64 [comment]"; nothing where the middle part is not Base64.
std::optional<std::string> ssh_fingerprint(std::string_view key_line);
// "SHA256:" and 43 characters of Base64.
bool valid_ssh_fingerprint(std::string_view text);

}  // namespace obelisk::market
