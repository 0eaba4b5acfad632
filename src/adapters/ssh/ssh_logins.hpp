// Logins by the OpenSSH client: one process a login, the host key pinned in a file of its own, no
// agent, no configuration, no forwarding. It must never ask for another command than the probe.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "ports/logins.hpp"

namespace obelisk::ssh {

struct SshOptions {
  std::string state_dir;  // its key and the pinned host keys, mode 0700
  std::string ssh = "/usr/bin/ssh";
  std::string ssh_keygen = "/usr/bin/ssh-keygen";
  int timeout_ms = 8'000;
};

// Makes the key on the first start.
base::Result<std::unique_ptr<ports::Logins>> make_logins(const SshOptions& options);

// For tests.
std::vector<std::string> ssh_argv(const SshOptions& options, const std::string& known_hosts,
                                  const lease::SshAccess& access, bool check_card);

}  // namespace obelisk::ssh
