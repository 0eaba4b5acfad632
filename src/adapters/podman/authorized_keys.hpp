// Authorized keys: the public keys that may log in to a lease, checked by us before sshd reads
// them. What outsiders give can say a key and a comment, nothing else: no options, no commands, no
// second line hidden in the first.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "ports/containers.hpp"

namespace obelisk::podman {

inline constexpr std::size_t kMaxAuthorizedKeys = 64;
inline constexpr std::size_t kMaxKeyLineBytes = 4096;

// "ssh-ed25519 AAAA... comment" in its plain form; invalid_input says what is wrong with it.
base::Result<std::string> checked_key(std::string_view line);
// The text of the file, one checked key a line; the watch's is held to its command. No keys: nobody
// may log in.
base::Result<std::string> authorized_keys_text(const ports::LoginKeys& keys);

}  // namespace obelisk::podman
