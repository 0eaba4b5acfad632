// Files: the few careful ways this folder touches the file system. Deleting never follows a link,
// never crosses into another file system and refuses to start while anything is mounted below.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace obelisk::podman {

// Owns a file descriptor; -1 is none.
class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(other.release()) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept;
  ~UniqueFd() { reset(); }

  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }
  int release();
  void reset();

 private:
  int fd_ = -1;
};

// "cannot mount /x: No space left on device", with the code that tells full disks from the rest.
base::Error system_error(const std::string& what, int error_number);

bool exists(const std::string& path);
bool is_directory(const std::string& path);
// not_found where there is no such file; refused where it is larger than `max_bytes`.
base::Result<std::string> read_file(const std::string& path, std::size_t max_bytes = 1 << 20);
// All or nothing: written beside, made durable, renamed. `owner` is uid and gid.
base::Result<void> write_file(const std::string& path, std::string_view text, unsigned mode,
                              unsigned owner = 0);
// An empty file, which needs no room on a disk that is full.
base::Result<void> write_empty(const std::string& path);
// For files of /proc/sys, which cannot be renamed.
base::Result<void> write_in_place(const std::string& path, std::string_view text);
// Makes the directory (its parent must exist) or corrects mode and owner of the one there.
base::Result<void> make_directory(const std::string& path, unsigned mode, unsigned owner = 0,
                                  unsigned group = 0);
// Names in it, sorted, without "." and "..". A directory that is not there has none.
base::Result<std::vector<std::string>> names_in(const std::string& path);
// Deletes the file or link; one that is gone is fine.
base::Result<void> remove_file(const std::string& path);
// Deletes an empty directory; one that is gone is fine.
base::Result<void> remove_empty(const std::string& path);
// Deletes a whole tree of one file system, after mountinfo shows nothing mounted in it.
base::Result<void> remove_tree(const std::string& path);

}  // namespace obelisk::podman
