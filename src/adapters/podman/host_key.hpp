// HostKey: the ed25519 key by which a lease's sshd proves who it is. Made by the host before the
// start, so that the public half can be pinned before anybody connects. The secret half goes into
// one file of mode 0600 and nowhere else.
#pragma once

#include <string>

#include "base/crypto.hpp"

namespace obelisk::podman {

// "ssh-ed25519 AAAA...".
std::string public_line(const base::PublicKey& key);
// The file OpenSSH reads: "openssh-key-v1", not encrypted.
std::string private_file_text(const base::Keypair& key);

}  // namespace obelisk::podman
