// LoginShell: which program a login of a lease's root begins with, read from the lease's own
// /etc/passwd. Its root may have written anything there: it is read as a small text, no link leads
// out of the lease nor into another file system of it, and what is named is only ever started in
// the lease.
#pragma once

#include <string>
#include <string_view>

namespace obelisk::podman {

// The shell of the first line with uid 0; empty where there is none that lets anybody in.
std::string shell_in(std::string_view passwd);
// `pid`: the lease's first process. /bin/sh where its root has none, or one that is not there, or
// not in the lease's own file system.
std::string login_shell(int pid);

}  // namespace obelisk::podman
