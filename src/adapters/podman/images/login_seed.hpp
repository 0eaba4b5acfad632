// LoginSeed: what a lease's disk is given so that our sshd works over an image that knows nothing
// of it: the account it separates itself with, its folder, and a root that may log in. What is read
// of the image is a stranger's: bounded, and no link in it leads out of it.
#pragma once

#include <string>

#include "base/result.hpp"

namespace obelisk::podman {

// /etc/passwd with a root who has a shell and the account `sshd`; `has_shell`: the shell that the
// text gives root exists, else he gets /bin/sh. Pure.
std::string passwd_for_login(const std::string& text, bool has_shell);
// The shell that it gives root; empty where it has no root. Pure.
std::string root_shell(const std::string& passwd);
// /etc/shadow with a root who is not locked out. Pure.
std::string shadow_for_login(const std::string& text);

// missing_dependency where the image has no /bin/sh: nobody could do anything in it.
base::Result<void> check_shell(const std::string& image_root);

// Writes these into `upper`, the empty top of a lease's root, owned by the lease's root.
base::Result<void> seed_login(const std::string& upper, const std::string& image_root,
                              unsigned uid);

}  // namespace obelisk::podman
