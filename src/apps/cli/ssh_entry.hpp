// Entries of a lease for people's own OpenSSH: a Host entry that editors, scp and rsync find by
// name, and one line that needs no file of ours at all. Both pin the host key that the lease's host
// signed, so that ssh neither asks nor warns. It must never change what a person wrote into their
// ssh_config, only add its one line above it.
#pragma once

#include <string>
#include <string_view>

#include "api/types.hpp"
#include "apps/cli/settings.hpp"
#include "base/public_key.hpp"
#include "base/result.hpp"

namespace obelisk::cli {

// "obelisk-7Xw4abcd": the lease's first eight letters.
std::string entry_name(const base::PublicKey& lease);

// ssh -p 20417 -o ... root@gw.example: for a machine without obelisk. The access is verified.
std::string bare_command(const base::PublicKey& lease, const api::SshAccess& access);

// The entry written beside the lease's other files, and ~/.ssh/config made to include all such
// entries. Again it changes nothing but the entry.
base::Result<void> install_entry(const Settings& settings, const std::string& folder,
                                 const std::string& entry);

// The config's text with the line above everything, or as it is where the line is there already.
std::string with_include(std::string_view config, const std::string& line);

}  // namespace obelisk::cli
