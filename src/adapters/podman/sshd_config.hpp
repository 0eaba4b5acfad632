// sshd_config: what the sshd of a lease is told. Keys only, no passwords, no PAM; everything else a
// renter may want (forwarding, sftp, scp) is on. Pure text.
#pragma once

#include <map>
#include <string>

#include "base/result.hpp"

namespace obelisk::podman {

// invalid_input where a name is not [A-Za-z_][A-Za-z0-9_]* or a value is not printable ASCII
// without quotes and backslashes: it would end up as another line of the file.
base::Result<void> check_environment(const std::map<std::string, std::string>& environment);

// The environment must have passed check_environment. It is written here because what a container
// is given does not reach its ssh sessions.
std::string sshd_config_text(const std::map<std::string, std::string>& environment);

}  // namespace obelisk::podman
