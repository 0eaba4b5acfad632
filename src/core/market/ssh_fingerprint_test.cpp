#include "core/market/ssh_fingerprint.hpp"

#include <gtest/gtest.h>

namespace obelisk::market {
namespace {

TEST(SshFingerprint, IsTheOneSshKeygenPrints) {
  const std::string key =
      "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBT3m2tPy86ooRYOZcD8rwkHiyoyBILs6A8of9Z2P3Bh";
  EXPECT_EQ(ssh_fingerprint(key), "SHA256:UHaosngC5Gy2VRMCfHYcgrNs2nhSmlmFQPnvnElxyMM");
  EXPECT_EQ(ssh_fingerprint(key + " somebody@somewhere"), ssh_fingerprint(key));
  EXPECT_TRUE(valid_ssh_fingerprint(*ssh_fingerprint(key)));
}

TEST(SshFingerprint, NothingOfWhatIsNoKey) {
  for (const char* line :
       {"", "ssh-ed25519", "ssh-ed25519 ", "ssh-ed25519 A", "ssh-ed25519 ????"}) {
    EXPECT_FALSE(ssh_fingerprint(line)) << line;
  }
}

TEST(SshFingerprint, HasOneForm) {
  const std::string digits(42, 'A');
  EXPECT_TRUE(valid_ssh_fingerprint("SHA256:" + digits + "A"));
  EXPECT_FALSE(valid_ssh_fingerprint("SHA256:" + digits + "B"));  // bits past the 32nd byte
  EXPECT_FALSE(valid_ssh_fingerprint("SHA256:" + digits));
  EXPECT_FALSE(valid_ssh_fingerprint("SHA256:" + digits + "A="));
  EXPECT_FALSE(valid_ssh_fingerprint("SHA512:" + digits + "A"));
  EXPECT_FALSE(valid_ssh_fingerprint("SHA256:" + digits + "?"));
}

}  // namespace
}  // namespace obelisk::market
