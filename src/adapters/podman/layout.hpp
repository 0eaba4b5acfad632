// Layout: where everything of one instance lies. What must outlive a reboot is below the state
// directory; mount points, podman's own data and sockets are below RUN/<id>, on short paths that a
// lease's processes can reach whatever the mode of the state directory's parents. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace obelisk::podman {

// What the name of every instance's nft table begins with.
inline constexpr std::string_view kTablePrefix = "obelisk_";

// Of one lease.
struct LeasePaths {
  std::string dir;     // STATE/containers/<lease>
  std::string record;  // dir/record.json
  std::string disk;    // dir/disk.img
  std::string ssh;     // dir/ssh: host key, config, authorized keys
  std::string mounts;  // RUN/<id>/mnt/<lease>, and in it:
  std::string disk_mount;
  std::string lower;
  std::string root;
  std::string ssh_mount;
  // There where it is being ended and a full disk had no room to say so in the record.
  std::string wiping() const { return dir + "/wiping"; }
  std::string tools;  // our sshd, for an image without one
  std::string cache(const std::string& name) const { return mounts + "/cache-" + name; }
};

struct Layout {
  std::string id;  // 8 hex digits of the state directory's path: two states never share a name
  std::string state_dir;
  std::string run_dir;   // shared by all instances of the machine
  std::string instance;  // run_dir/<id>
  std::string socket() const { return instance + "/podman.sock"; }
  std::string table() const { return std::string(kTablePrefix) + id; }
  std::string leases() const { return state_dir + "/containers"; }
  std::string mounts() const { return instance + "/mnt"; }
  LeasePaths lease(const std::string& name) const;
};

Layout make_layout(const std::string& state_dir, const std::string& run_dir);

// A lease's name is its base58 address and nothing else: it becomes part of paths.
base::Result<void> check_lease_name(const std::string& lease);
// What the machine inside calls itself.
std::string hostname_of(const std::string& lease);
// "sha256:<64 hex>" as "sha256-<64 hex>", the name of the image's directory.
base::Result<std::string> image_directory(const std::string& digest);

}  // namespace obelisk::podman
