// How fast the disk of leases is: one file written and read back in a row, past the page cache. It
// must never take long, nor leave its file behind.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace obelisk::host {

// Bytes per second, the slower of writing and reading. At most 128 MiB and a second; nothing
// where the file system knows no way past the cache (tmpfs, some overlays) or has no room.
std::optional<std::uint64_t> measure_disk(const std::filesystem::path& folder);

}  // namespace obelisk::host
