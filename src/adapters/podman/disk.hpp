// Disk: a lease's own file system, a file of its whole size mounted through a loop device. Its size
// is a wall for the lease and its end is one unlink. It must never be bigger than what the machine
// can keep.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace obelisk::podman {

inline constexpr std::uint64_t kMinDiskBytes = 64ULL << 20;

// Makes `image` (which must not exist) of that size with an empty ext4 in it.
base::Result<void> create_disk(const std::string& image, std::uint64_t bytes);
// Mounts it at `target`; the loop device goes by itself with the last unmount.
base::Result<void> mount_disk(const std::string& image, const std::string& target);
// Loop devices that still hold this image, for example "/dev/loop3".
std::vector<std::string> loops_of(const std::string& image);

// What the file really takes now; 0 where there is none.
std::uint64_t allocated_bytes(const std::string& image);
// What an unprivileged writer could still put on the file system of `path`.
base::Result<std::uint64_t> free_bytes(const std::string& path);
bool same_file_system(const std::string& a, const std::string& b);

}  // namespace obelisk::podman
