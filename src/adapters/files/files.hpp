// Small files that other programs or our own next life will read: written whole or not at all,
// private to us, and read with a bound. It must never follow a half-written state.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace obelisk::files {

// Replaces `path` in one step: written beside it, made durable, renamed. Mode 0600.
base::Result<void> write_private(const std::filesystem::path& path, std::string_view text);

// The whole file. not_found where there is none, refused where it is longer than `max_bytes`.
base::Result<std::string> read_bounded(const std::filesystem::path& path,
                                       std::size_t max_bytes = 1 << 20);

// A file's one line that nobody else may know: refused where others than its owner can read it,
// where it is empty, or where it has a second line.
base::Result<std::string> read_secret(const std::filesystem::path& path);

// Makes the directory and those above it; the last one gets mode 0700 if it is new.
base::Result<void> make_private_directory(const std::filesystem::path& path);

}  // namespace obelisk::files
