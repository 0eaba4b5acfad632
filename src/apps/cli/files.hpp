// Reading and writing the few small files the command line has. What is written is private (0600,
// folders 0700) and replaced as a whole: a reader sees the old file or the new one.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace obelisk::cli {

// Nothing where there is no such file; an error where it is no regular file, longer than
// `max_bytes`, or may not be read.
base::Result<std::optional<std::string>> read_file(const std::string& file, std::size_t max_bytes);
base::Result<void> write_private_file(const std::string& file, std::string_view text);
// The folder and those above it; an existing one is left as it is.
base::Result<void> make_private_dir(const std::string& dir);
// The same place, said from the root: files outlive the folder they were named from.
std::string absolute_path(const std::string& path);
// The names of the folders inside; empty where there is none.
std::vector<std::string> folders_in(const std::string& dir);

}  // namespace obelisk::cli
