#include "apps/cli/ssh_access.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "apps/cli/files.hpp"
#include "apps/cli/temporary_dir.hpp"
#include "base/crypto.hpp"

namespace obelisk::cli {
namespace {

std::string key_line(std::string_view type = "ssh-ed25519", std::size_t bytes = 32) {
  base::Writer out;
  const auto part = [&](std::string_view text) {
    for (const int shift : {24, 16, 8, 0}) {
      out.u8(static_cast<std::uint8_t>(text.size() >> shift));
    }
    out.put(text);
  };
  part(type);
  part(std::string(bytes, 'k'));
  return std::string(type) + " " + base::to_base64(out.bytes());
}

struct Scene {
  base::Keypair host = base::Keypair::from_seed({1});
  base::PublicKey lease = base::Keypair::from_seed({2}).public_key();
  api::SshAccess access;

  Scene() {
    access.address = "127.0.0.1";
    access.port = 2201;
    access.user = "root";
    access.host_key = key_line();
    sign();
  }
  void sign() { access.host_key_signature = host.sign(ssh_message(lease, access.host_key)); }
  base::Result<void> verify() const { return verify_ssh_access(lease, host.public_key(), access); }
};

TEST(SshAccess, IsTheHostsWordForThisLease) {
  Scene scene;
  EXPECT_TRUE(scene.verify());
  scene.access.host_key.back() = scene.access.host_key.back() == 'A' ? 'B' : 'A';
  EXPECT_FALSE(scene.verify());
  Scene other_lease;
  other_lease.lease = base::Keypair::from_seed({3}).public_key();
  EXPECT_FALSE(other_lease.verify());
  Scene other_host;
  other_host.host = base::Keypair::from_seed({3});
  EXPECT_FALSE(other_host.verify());
  EXPECT_EQ(other_host.verify().error().code, base::Code::refused);
}

TEST(SshAccess, SignedKeysOfAnotherShapeAreRefused) {
  for (const std::string& line :
       {std::string(), key_line("ssh-rsa"), key_line("ssh-ed25519", 31), key_line() + " comment",
        key_line() + "\nevil", "cert-authority " + key_line(), std::string("ssh-ed25519 "),
        std::string("ssh-ed25519"), "ssh-rsa " + key_line().substr(12)}) {
    Scene scene;
    scene.access.host_key = line;
    scene.sign();
    EXPECT_FALSE(scene.verify()) << line;
  }
}

TEST(SshAccess, AddressesAndUsersAreNamesAndNoMore) {
  for (const char* address : {"", "-oProxyCommand=x", "a b", "a\nb", "$(x)", "h\"", "a%h"}) {
    Scene scene;
    scene.access.address = address;
    EXPECT_FALSE(scene.verify()) << address;
  }
  for (const char* user : {"", "-l", "a b", "a\nb", "${x}"}) {
    Scene scene;
    scene.access.user = user;
    EXPECT_FALSE(scene.verify()) << user;
  }
  Scene scene;
  scene.access.address = "2001:db8::1";
  EXPECT_TRUE(scene.verify());
}

TEST(SshAccess, IsPinnedInPrivateFiles) {
  const TemporaryDir dir;
  const Scene scene;
  const std::string folder = dir.path() + "/state/leases/x";
  const std::string odd_key = "/keys/50% off";
  ASSERT_TRUE(save_ssh_access(folder, scene.lease, scene.access, odd_key));
  const std::string alias = "obelisk-" + scene.lease.to_string();
  EXPECT_EQ(**read_file(folder + "/known_hosts", 4096), alias + " " + key_line() + "\n");
  const std::string config = **read_file(folder + "/ssh_config", 4096);
  EXPECT_NE(config.find("Host lease " + scene.lease.to_string() + "\n"), std::string::npos);
  EXPECT_NE(config.find("  StrictHostKeyChecking yes\n"), std::string::npos);
  EXPECT_NE(config.find("  IdentityFile \"/keys/50%% off\"\n"), std::string::npos) << config;
  EXPECT_NE(config.find("  HostKeyAlias " + alias + "\n"), std::string::npos);
  struct stat info{};
  ASSERT_EQ(::stat((folder + "/ssh_config").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  ASSERT_EQ(::stat(folder.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700u);
  EXPECT_FALSE(save_ssh_access(folder, scene.lease, scene.access, "/k\"\nProxyCommand x"));
}

TEST(PublicKey, IsOneLineAndLosesItsComment) {
  const auto key = parse_public_key(key_line() + " ada@home\n", "f.pub");
  ASSERT_TRUE(key) << key.error().message;
  EXPECT_EQ(*key, key_line());
  EXPECT_TRUE(parse_public_key(key_line("ssh-rsa", 256), "f.pub"));
}

TEST(PublicKey, APrivateKeyNeverLeavesTheMachine) {
  const auto key = parse_public_key("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaA==\n", "id");
  ASSERT_FALSE(key);
  EXPECT_NE(key.error().action.find("id.pub"), std::string::npos);
}

TEST(PublicKey, EverythingElseIsRefused) {
  for (const std::string& text :
       {std::string(), std::string("ssh-ed25519"), std::string("ssh-ed25519 AAAA"),
        "command=\"x\" " + key_line(), key_line() + "\n" + key_line(),
        "ssh-rsa " + key_line().substr(12), key_line("ssh-dss"), std::string(2000, 'a')}) {
    EXPECT_FALSE(parse_public_key(text, "f.pub")) << text;
  }
  const auto missing = read_public_key("/nowhere/id.pub");
  EXPECT_EQ(missing.error().code, base::Code::missing_dependency);
}

TEST(SshCommand, IsWordsForExecNotAShell) {
  EXPECT_EQ(
      ssh_command("/d", false, {"echo", "$(x); y"}),
      (std::vector<std::string>{"ssh", "-F", "/d/ssh_config", "lease", "--", "echo", "$(x); y"}));
  EXPECT_EQ(identity_beside("/k/id.pub"), "/k/id");
}

}  // namespace
}  // namespace obelisk::cli
