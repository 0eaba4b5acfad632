#include "adapters/podman/lease_files.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <thread>

#include "adapters/podman/disk.hpp"
#include "adapters/podman/files.hpp"
#include "adapters/podman/host_key.hpp"
#include "adapters/podman/images/login_seed.hpp"
#include "adapters/podman/mounts.hpp"

namespace obelisk::podman {

namespace {

constexpr auto kUnmountWithin = std::chrono::seconds(10);
constexpr auto kLoopGoneWithin = std::chrono::seconds(3);

base::Result<void> seed_etc(const std::string& upper, const LeaseRecord& record,
                            const std::vector<std::uint32_t>& resolvers) {
  std::uint32_t uid = record.slot.uid_base;
  std::string name = hostname_of(record.spec.lease);
  std::string etc = upper + "/etc";
  TRY_VOID(make_directory(etc, 0755, uid, uid));
  TRY_VOID(write_file(etc + "/hosts",
                      "127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n" +
                          address_text(record.slot.lease_address) + " " + name + "\n",
                      0644, uid));
  std::string resolv;
  for (std::uint32_t resolver : resolvers) resolv += "nameserver " + address_text(resolver) + "\n";
  return write_file(etc + "/resolv.conf", resolv + "options timeout:2 attempts:2\n", 0644, uid);
}

base::Result<void> seed_disk(const LeasePaths& paths, const LeaseRecord& record,
                             const Ground& ground) {
  std::uint32_t uid = record.slot.uid_base;
  TRY_VOID(make_directory(paths.disk_mount + "/up", 0755, uid, uid));
  TRY_VOID(make_directory(paths.disk_mount + "/work", 0700));
  TRY_VOID(make_directory(paths.disk_mount + "/workspace", 0755, uid, uid));
  TRY_VOID(seed_etc(paths.disk_mount + "/up", record, ground.resolvers));
  if (!ground.tools.empty()) {
    TRY_VOID(seed_login(paths.disk_mount + "/up", ground.image_root, uid));
  }
  // ext4 made it; nobody but fsck needs it, and it would be the only thing of ours on the disk.
  return remove_empty(paths.disk_mount + "/lost+found");
}

// The loop device goes when its last user does, which may be a moment after the unmount.
base::Result<void> wait_for_loops(const std::string& image) {
  auto deadline = std::chrono::steady_clock::now() + kLoopGoneWithin;
  while (true) {
    std::vector<std::string> loops = loops_of(image);
    if (loops.empty()) return {};
    if (std::chrono::steady_clock::now() > deadline) {
      return system_error(loops.front() + " still holds " + image, EBUSY);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

// Files only: a directory in there is not ours and stops the deletion.
base::Result<void> delete_files_in(const std::string& dir,
                                   const std::vector<std::string>& but = {}) {
  TRY(std::vector<std::string> names, names_in(dir));
  for (const std::string& name : names) {
    std::string path = dir + "/" + name;
    if (std::ranges::find(but, path) != but.end() || is_directory(path)) continue;
    TRY_VOID(remove_file(path));
  }
  return {};
}

}  // namespace

base::Result<void> write_authorized_keys(const LeasePaths& paths, std::uint32_t uid,
                                         const std::string& text) {
  return write_file(paths.ssh + "/authorized_keys", text, 0600, uid);
}

base::Result<void> write_end(const LeasePaths& paths, std::uint32_t uid, const std::string& text) {
  return write_file(paths.ssh + "/ends_at", text, 0644, uid);
}

base::Result<void> write_ssh_files(const LeasePaths& paths, std::uint32_t uid,
                                   const SshFiles& files) {
  TRY_VOID(make_directory(paths.ssh, 0755, uid, uid));
  TRY_VOID(write_file(paths.ssh + "/ssh_host_ed25519_key", private_file_text(*files.host_key), 0600,
                      uid));
  TRY_VOID(write_file(paths.ssh + "/sshd_config", files.config, 0644, uid));
  TRY_VOID(write_file(paths.ssh + "/hostname", files.hostname + "\n", 0644, uid));
  TRY_VOID(write_file(paths.ssh + "/containerenv", "", 0644, uid));
  return write_authorized_keys(paths, uid, files.authorized_keys);
}

base::Result<void> mount_lease(const LeasePaths& paths, const LeaseRecord& record,
                               const Ground& ground, bool fresh) {
  std::uint32_t uid = record.slot.uid_base;
  // Only root and the lease's own root may pass: other users of the machine cannot look in.
  TRY_VOID(make_directory(paths.mounts, 0710, 0, uid));
  for (const std::string& point :
       {paths.disk_mount, paths.lower, paths.root, paths.ssh_mount, paths.tools}) {
    TRY_VOID(make_directory(point, 0755));
  }
  TRY_VOID(mount_disk(paths.disk, paths.disk_mount));
  if (fresh) TRY_VOID(seed_disk(paths, record, ground));
  TRY_VOID(mount_idmapped(ground.image_root, paths.lower, uid, kUidsPerSlot));
  if (!ground.tools.empty()) {
    TRY_VOID(mount_idmapped(ground.tools, paths.tools, uid, kUidsPerSlot));
  }
  for (const auto& [name, folder] : ground.caches) {
    TRY_VOID(make_directory(paths.cache(name), 0755));
    TRY_VOID(mount_idmapped(folder, paths.cache(name), uid, kUidsPerSlot));
  }
  TRY_VOID(
      mount_overlay(paths.lower, paths.disk_mount + "/up", paths.disk_mount + "/work", paths.root));
  return mount_read_only(paths.ssh, paths.ssh_mount);
}

base::Result<void> unmount_lease(const LeasePaths& paths) {
  TRY_VOID(unmount_below(paths.mounts, kUnmountWithin));
  TRY_VOID(wait_for_loops(paths.disk));
  // rmdir only: it cannot take anything with it.
  TRY(const std::vector<std::string> points, names_in(paths.mounts));
  for (const std::string& point : points) TRY_VOID(remove_empty(paths.mounts + "/" + point));
  return remove_empty(paths.mounts);
}

base::Result<void> delete_lease_files(const LeasePaths& paths) {
  TRY_VOID(check_nothing_mounted(paths.dir));
  TRY_VOID(delete_files_in(paths.ssh));
  TRY_VOID(remove_empty(paths.ssh));
  TRY_VOID(delete_files_in(paths.dir, {paths.record, paths.wiping()}));
  TRY_VOID(remove_file(paths.record));
  TRY_VOID(remove_file(paths.wiping()));
  return remove_empty(paths.dir);
}

}  // namespace obelisk::podman
