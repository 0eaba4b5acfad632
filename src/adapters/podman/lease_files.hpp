// LeaseFiles: the directory, disk and mounts of one lease. Made in an order that can stop anywhere,
// undone in the reverse order: nothing is deleted before the kernel shows nothing mounted.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "adapters/podman/layout.hpp"
#include "adapters/podman/record.hpp"
#include "base/crypto.hpp"
#include "base/result.hpp"

namespace obelisk::podman {

struct SshFiles {
  std::string authorized_keys;  // text
  std::string config;           // text
  std::string hostname;
  const base::Keypair* host_key = nullptr;
};

// Host key, config, keys and two small files in paths.ssh, owned by the lease's root, who sees them
// read-only at /lease. podman would make the two small ones (hostname, containerenv) itself,
// outside the lease's disk and writable from inside: a way to fill the machine's memory or disk.
base::Result<void> write_ssh_files(const LeasePaths& paths, std::uint32_t uid,
                                   const SshFiles& files);
base::Result<void> write_authorized_keys(const LeasePaths& paths, std::uint32_t uid,
                                         const std::string& text);

// Where the lease reads when it ends: /lease/ends_at.
base::Result<void> write_end(const LeasePaths& paths, std::uint32_t uid, const std::string& text);

// What a lease stands on besides its own disk.
struct Ground {
  std::string image_root;
  std::string tools;                          // our sshd's folder; empty: the image brings its own
  std::map<std::string, std::string> caches;  // folders by name
  std::vector<std::uint32_t> resolvers;
};

// Mounts disk, image, root, ssh files, tools and caches. `fresh`: the disk is empty and gets its
// directories, hosts and resolvers, and what our sshd needs. Later the renter owns that disk, so
// nothing is written to it again.
base::Result<void> mount_lease(const LeasePaths& paths, const LeaseRecord& record,
                               const Ground& ground, bool fresh);
// Unmounts everything of the lease, frees its loop device, removes the mount points.
base::Result<void> unmount_lease(const LeasePaths& paths);
// Deletes disk, ssh files and whatever half-written file is left; the record and the directory
// last.
base::Result<void> delete_lease_files(const LeasePaths& paths);

}  // namespace obelisk::podman
