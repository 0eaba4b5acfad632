#include "adapters/files/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace obelisk::files {
namespace {

using base::Code;
using base::Error;

Error failed(const std::filesystem::path& path, const char* what, int number) {
  const bool full = number == ENOSPC || number == EDQUOT;
  return {number == ENOENT ? Code::not_found : Code::missing_dependency,
          std::string("Cannot ") + what + " " + path.string() + ": " + std::strerror(number) + ".",
          full ? "Free some space on this disk and try again."
               : "Check that the directory exists and belongs to you."};
}

// write(2) until all is written; false with errno set otherwise.
bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = write(fd, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

// A new name is on the disk once its directory is; until then a power cut brings the old one back.
base::Result<void> sync_name(const std::filesystem::path& path) {
  const auto parent = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  const int fd = open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return failed(path, "sync", errno);
  const bool synced = fsync(fd) == 0 || errno == EINVAL;  // some file systems have nothing to sync
  const int number = errno;
  close(fd);
  if (!synced) return failed(path, "sync", number);
  return {};
}

}  // namespace

base::Result<void> write_private(const std::filesystem::path& path, std::string_view text) {
  const std::string beside = path.string() + ".new";
  const int fd = open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return failed(path, "write", errno);
  const bool written = fchmod(fd, 0600) == 0 && write_all(fd, text) && fsync(fd) == 0;
  const int number = errno;
  close(fd);
  if (!written) {
    unlink(beside.c_str());
    return failed(path, "write", number);
  }
  if (rename(beside.c_str(), path.c_str()) != 0) return failed(path, "replace", errno);
  return sync_name(path);
}

base::Result<std::string> read_bounded(const std::filesystem::path& path, std::size_t max_bytes) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return failed(path, "read", errno);
  std::string text(max_bytes + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t count = read(fd, text.data() + size, text.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      const int number = errno;
      close(fd);
      return failed(path, "read", number);
    }
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  close(fd);
  if (size > max_bytes) {
    return Error{Code::refused,
                 path.string() + " is longer than " + std::to_string(max_bytes) + " bytes.",
                 "This is not a file of ours. Move it away."};
  }
  text.resize(size);
  return text;
}

base::Result<std::string> read_secret(const std::filesystem::path& path) {
  struct stat info{};
  if (stat(path.c_str(), &info) != 0) return failed(path, "read", errno);
  if ((info.st_mode & 077) != 0) {
    return Error{Code::refused, "Others can read " + path.string() + ".",
                 "Make it yours alone: chmod 600 " + path.string()};
  }
  TRY(std::string text, read_bounded(path, 4096));
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  const bool one_line = std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20; });
  if (text.empty() || !one_line) {
    return Error{Code::refused, path.string() + " is not one line without blanks.",
                 "Put the secret into it, and nothing else."};
  }
  return text;
}

base::Result<void> make_private_directory(const std::filesystem::path& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return {};
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), error);
  if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return failed(path, "make", errno);
  return {};
}

}  // namespace obelisk::files
