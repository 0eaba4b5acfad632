// The way into a lease: the host's signed word for which SSH key its machine shows, and the files
// that pin it for the system's ssh. It must never let a login go to a machine whose key the lease's
// host did not sign, nor put a word from outside into a file without looking at every character.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/types.hpp"
#include "base/public_key.hpp"
#include "base/result.hpp"

namespace obelisk::cli {

// "OBELISKS", the lease's address, the key line: what the host signs.
base::Bytes ssh_message(const base::PublicKey& lease, std::string_view host_key);

// Refuses an access that `host` did not sign for this lease, a key that is not one line of
// ssh-ed25519, and an address or user that is more than a name.
base::Result<void> verify_ssh_access(const base::PublicKey& lease, const base::PublicKey& host,
                                     const api::SshAccess& access);

// One line of an OpenSSH public key from a .pub file; refuses a private key.
base::Result<std::string> read_public_key(const std::string& file);
// The same from its text.
base::Result<std::string> parse_public_key(std::string_view text, const std::string& file);
// The private key beside a .pub file.
std::string identity_beside(const std::string& public_file);

// A path as ssh_config reads it, between double quotes; refused where that cannot be said.
base::Result<std::string> config_path(const std::string& path);
// The text of an ssh_config entry that knows the lease by these names.
base::Result<std::string> ssh_config_text(const std::string& names, const base::PublicKey& lease,
                                          const api::SshAccess& access,
                                          const std::string& identity_file,
                                          const std::string& folder);
std::string known_hosts_text(const base::PublicKey& lease, const api::SshAccess& access);

// Verified access written down: known_hosts and ssh_config in the lease's folder.
base::Result<void> save_ssh_access(const std::string& folder, const base::PublicKey& lease,
                                   const api::SshAccess& access, const std::string& identity_file);

// ssh -F FOLDER/ssh_config ... lease COMMAND
std::vector<std::string> ssh_command(const std::string& folder, bool batch,
                                     const std::vector<std::string>& command);

}  // namespace obelisk::cli
