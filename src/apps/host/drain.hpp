// When this host takes no lease any more: a small file in its state folder, which `drain` writes
// and the running host looks at. It outlives restarts. It must never end a lease.
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"

namespace obelisk::host {

// "2026-12-01T02:00:00Z", "2026-12-01" (its midnight, UTC), or how long from now: "45s", "90m",
// "12h", "3d". Empty: now. A time that is past means now too. At most ten years ahead.
base::Result<base::UnixSeconds> drain_from(std::string_view words, base::UnixMillis now_ms);

// The same from a time as it is, in Unix seconds.
base::Result<base::UnixSeconds> drain_at(std::uint64_t from_s, base::UnixMillis now_ms);

base::Result<void> write_drain(const std::filesystem::path& state_dir, base::UnixSeconds from_s);
// False where there was none.
base::Result<bool> cancel_drain(const std::filesystem::path& state_dir);
// Nothing where there is none. One that cannot be read is an error: it may mean what it says.
base::Result<std::optional<base::UnixSeconds>> read_drain(const std::filesystem::path& state_dir);

}  // namespace obelisk::host
