// One process at a time: a lock on a small file that says who has it. It must never outlive its
// process: the kernel lets go of it.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.hpp"

namespace obelisk::files {

class FileLock {
 public:
  // conflict: another process has it, and its number where it is known. `what` is what it does:
  // "serves a market on".
  static base::Result<FileLock> take(const std::filesystem::path& path, const std::string& what);
  FileLock(FileLock&& other) noexcept;
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  FileLock& operator=(FileLock&&) = delete;
  ~FileLock();

 private:
  explicit FileLock(int file) : file_(file) {}
  int file_;
};

}  // namespace obelisk::files
