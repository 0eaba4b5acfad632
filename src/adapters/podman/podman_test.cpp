// Real containers on this machine. It needs root, podman, runc, nft and the network tools; as root
// on Debian nothing of that is skipped.
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>

#include "adapters/podman/podman_test_machine.hpp"

namespace obelisk::podman {
namespace {

using test::Directory;
using test::login;
using test::LoginKey;
using test::options_in;
using test::small_lease;

class Podman : public testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "containers need root; this is not root";
    ASSERT_FALSE(test::image().digest.empty());
  }
  Directory keys_;
  Directory state_;
};

TEST_F(Podman, StartsAndWipes) {
  PodmanContainers containers(options_in(state_.path()));
  auto checked = containers.check();
  ASSERT_TRUE(checked.ok()) << checked.error().message;
  LoginKey key(keys_.path());
  auto spec = small_lease({key.public_line()});
  auto begin = std::chrono::steady_clock::now();
  auto lease = containers.start(spec);
  auto took = std::chrono::steady_clock::now() - begin;
  ASSERT_TRUE(lease.ok()) << lease.error().message;
  std::printf(
      "start took %lld ms\n",
      static_cast<long long>(std::chrono::duration_cast<std::chrono::milliseconds>(took).count()));
  auto seen = login(*lease, key,
                    "id -u; hostname; df -h / /workspace; echo $OBELISK_WORD; cat /etc/resolv.conf "
                    "/etc/hosts; ls -la /lease; mount; nproc; ls /sys/fs/cgroup /sys/class/net; echo x > /etc/hostname; echo x > /run/.containerenv; echo x >/lease/x; dmesg | head -3; cat /proc/self/status | grep -E 'Cap|Secc'; mount -o remount,rw /lease; unshare -Urm mount -o remount,rw /lease; mknod /tmp/x b 7 0; ip addr add 10.9.9.9/24 dev eth0; ip a; ping -c1 -W1 127.0.0.1; ls /dev; cat /proc/1/environ | tr \"\\0\" \"\\n\"; find / -xdev -perm -2 -type f 2>/dev/null | head; findmnt -o TARGET,OPTIONS | grep -w rw");
  EXPECT_EQ(seen.status, 0) << seen.errors;
  std::printf("%s\n%s\n", seen.output.c_str(), seen.errors.c_str());
  auto wiped = containers.wipe(spec.lease);
  ASSERT_TRUE(wiped.ok()) << wiped.error().message;
}

}  // namespace
}  // namespace obelisk::podman
