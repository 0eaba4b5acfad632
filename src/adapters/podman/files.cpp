#include "adapters/podman/files.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <system_error>
#include <utility>

#include "adapters/podman/mounts.hpp"
#include "base/crypto.hpp"

namespace obelisk::podman {

namespace {

constexpr int kMaxTreeDepth = 64;

base::Result<void> write_all(int fd, std::string_view text, const std::string& path) {
  while (!text.empty()) {
    ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return system_error("cannot write " + path, errno);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

struct DirCloser {
  void operator()(DIR* dir) const { ::closedir(dir); }
};
using UniqueDir = std::unique_ptr<DIR, DirCloser>;

std::vector<std::string> read_names(DIR* dir) {
  std::vector<std::string> names;
  while (const dirent* entry = ::readdir(dir)) {
    std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(std::move(name));
  }
  std::sort(names.begin(), names.end());
  return names;
}

// Empties the directory `fd`; every step is relative to an open directory that was not a link.
// A directory that is too deep is moved up into `top`, for the next pass: a stranger may have made
// the tree, and no path may be longer than the kernel takes.
base::Result<void> empty_directory(int top, UniqueFd fd, dev_t device, const std::string& path,
                                   int depth) {
  int raw = fd.get();
  UniqueDir dir(::fdopendir(fd.release()));
  if (!dir) return system_error("cannot read " + path, errno);
  for (const std::string& name : read_names(dir.get())) {
    std::string full = path + "/" + name;
    struct stat info{};
    if (::fstatat(raw, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) {
      if (errno == ENOENT) continue;
      return system_error("cannot look at " + full, errno);
    }
    if (info.st_dev != device) {
      return base::Error{base::Code::refused, "will not delete into another file system at " + full,
                         "Unmount it, then try again."};
    }
    bool directory = S_ISDIR(info.st_mode);
    if (directory && depth == kMaxTreeDepth) {
      const std::string aside = ".deep." + std::to_string(base::random_u64());
      if (::renameat(raw, name.c_str(), top, aside.c_str()) == 0) continue;
      return system_error("cannot move " + full, errno);
    }
    if (directory) {
      UniqueFd child(::openat(raw, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
      if (!child.valid()) return system_error("cannot open " + full, errno);
      TRY_VOID(empty_directory(top, std::move(child), device, full, depth + 1));
    }
    if (::unlinkat(raw, name.c_str(), directory ? AT_REMOVEDIR : 0) != 0 && errno != ENOENT) {
      return system_error("cannot delete " + full, errno);
    }
  }
  return {};
}

}  // namespace

UniqueFd& UniqueFd::operator=(UniqueFd&& other) noexcept {
  if (this != &other) {
    reset();
    fd_ = other.release();
  }
  return *this;
}

int UniqueFd::release() { return std::exchange(fd_, -1); }

void UniqueFd::reset() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

base::Error system_error(const std::string& what, int error_number) {
  bool full = error_number == ENOSPC || error_number == EDQUOT;
  return {full ? base::Code::missing_dependency : base::Code::internal,
          what + ": " + std::generic_category().message(error_number) + ".",
          full ? "Free some space there." : "Run `obelisk-host check` and read the host's log."};
}

bool exists(const std::string& path) {
  struct stat info{};
  return ::lstat(path.c_str(), &info) == 0;
}

bool is_directory(const std::string& path) {
  struct stat info{};
  return ::lstat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

base::Result<std::string> read_file(const std::string& path, std::size_t max_bytes) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) {
    if (errno == ENOENT) return base::Error{base::Code::not_found, path + " is not there.", ""};
    return system_error("cannot open " + path, errno);
  }
  std::string text;
  char buffer[16384];
  while (true) {
    ssize_t count = ::read(fd.get(), buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return system_error("cannot read " + path, errno);
    if (count == 0) return text;
    if (text.size() + static_cast<std::size_t>(count) > max_bytes) {
      return base::Error{base::Code::refused,
                         path + " is larger than " + std::to_string(max_bytes) + " bytes.", ""};
    }
    text.append(buffer, static_cast<std::size_t>(count));
  }
}

base::Result<void> write_file(const std::string& path, std::string_view text, unsigned mode,
                              unsigned owner) {
  // Random, so that two writers of the same file never meet in the same temporary one.
  std::string beside = path + ".new." + std::to_string(base::random_u64());
  UniqueFd fd(::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!fd.valid()) return system_error("cannot make " + beside, errno);
  auto written = write_all(fd.get(), text, beside);
  if (written && ::fchown(fd.get(), owner, owner) != 0) {
    written = system_error("cannot hand over " + beside, errno);
  }
  if (written && ::fchmod(fd.get(), mode) != 0) {
    written = system_error("cannot set the mode of " + beside, errno);
  }
  if (written && ::fdatasync(fd.get()) != 0) written = system_error("cannot keep " + beside, errno);
  if (written && ::rename(beside.c_str(), path.c_str()) != 0) {
    written = system_error("cannot replace " + path, errno);
  }
  if (!written) ::unlink(beside.c_str());
  return written;
}

base::Result<void> write_empty(const std::string& path) {
  const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (fd.valid()) return {};
  return system_error("cannot make " + path, errno);
}

base::Result<void> write_in_place(const std::string& path, std::string_view text) {
  UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!fd.valid()) return system_error("cannot open " + path, errno);
  return write_all(fd.get(), text, path);
}

base::Result<void> make_directory(const std::string& path, unsigned mode, unsigned owner,
                                  unsigned group) {
  if (::mkdir(path.c_str(), mode) != 0 && errno != EEXIST) {
    return system_error("cannot make " + path, errno);
  }
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd.valid()) return system_error("cannot open " + path, errno);
  if (::fchown(fd.get(), owner, group) != 0 || ::fchmod(fd.get(), mode) != 0) {
    return system_error("cannot hand over " + path, errno);
  }
  return {};
}

base::Result<std::vector<std::string>> names_in(const std::string& path) {
  UniqueDir dir(::opendir(path.c_str()));
  if (!dir) {
    if (errno == ENOENT) return std::vector<std::string>{};
    return system_error("cannot read " + path, errno);
  }
  return read_names(dir.get());
}

base::Result<void> remove_file(const std::string& path) {
  if (::unlink(path.c_str()) == 0 || errno == ENOENT) return {};
  return system_error("cannot delete " + path, errno);
}

base::Result<void> remove_empty(const std::string& path) {
  if (::rmdir(path.c_str()) == 0 || errno == ENOENT) return {};
  return system_error("cannot delete the directory " + path, errno);
}

base::Result<void> remove_tree(const std::string& path) {
  constexpr int kMostPasses = 10'000;
  for (int pass = 0; pass < kMostPasses; ++pass) {
    UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!fd.valid()) {
      if (errno == ENOENT) return {};
      return system_error("cannot open " + path, errno);
    }
    TRY_VOID(check_nothing_mounted(path));
    struct stat info{};
    if (::fstat(fd.get(), &info) != 0) return system_error("cannot look at " + path, errno);
    const UniqueFd top(::fcntl(fd.get(), F_DUPFD_CLOEXEC, 0));
    TRY_VOID(empty_directory(top.get(), std::move(fd), info.st_dev, path, 0));
    if (::rmdir(path.c_str()) == 0 || errno == ENOENT) return {};
    if (errno != ENOTEMPTY) return system_error("cannot delete the directory " + path, errno);
  }
  return system_error("cannot delete the directory " + path, ENOTEMPTY);
}

}  // namespace obelisk::podman
