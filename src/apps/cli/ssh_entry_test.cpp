#include "apps/cli/ssh_entry.hpp"

#include <gtest/gtest.h>

namespace obelisk::cli {
namespace {

TEST(SshEntry, TheLineStandsOnceAndAboveEverything) {
  const std::string line = "Include \"~/.obelisk/leases/*/host_entry\"";
  const std::string mine = "Host work\n  User ada\n";
  const std::string once = with_include(mine, line);
  EXPECT_EQ(once, line + "\n" + mine);
  EXPECT_EQ(with_include(once, line), once);
  EXPECT_EQ(with_include("", line), line + "\n");
  EXPECT_EQ(with_include("# " + line + "\n", line), line + "\n# " + line + "\n")
      << "a comment is no line of ours";
}

TEST(SshEntry, TheLineForOtherMachinesPinsTheKey) {
  base::PublicKey lease;
  lease.bytes.fill(7);
  const api::SshAccess access{"gw.example", 20'417, "root", "ssh-ed25519 AAAAC3Nza", {}};
  const std::string name = entry_name(lease);
  EXPECT_EQ(name, "obelisk-" + lease.to_string().substr(0, 8));
  EXPECT_EQ(bare_command(lease, access),
            "ssh -p 20417 -o HostKeyAlias=" + name +
                " -o StrictHostKeyChecking=yes -o UserKnownHostsFile=none -o "
                "'KnownHostsCommand=/bin/echo " +
                name + " ssh-ed25519 AAAAC3Nza' root@gw.example");
}

}  // namespace
}  // namespace obelisk::cli
