#include "apps/cli/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

namespace obelisk::cli {
namespace {

using base::Code;
using base::Error;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

Error failed(const std::string& what, const std::string& file, int error) {
  const bool space = error == ENOSPC || error == EDQUOT;
  return {Code::missing_dependency, file + " cannot be " + what + ": " + std::strerror(error) + ".",
          space ? "Free some space and try again." : "Check the path and who may use it."};
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

base::Result<std::optional<std::string>> read_file(const std::string& file, std::size_t max_bytes) {
  // Not blocking, so that a named pipe cannot hold us.
  const Descriptor fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (fd.get() < 0) {
    if (errno == ENOENT || errno == ENOTDIR) return std::optional<std::string>{};
    return failed("read", file, errno);
  }
  struct stat info{};
  if (::fstat(fd.get(), &info) != 0) return failed("read", file, errno);
  if (!S_ISREG(info.st_mode)) {
    return Error{Code::invalid_input, file + " is not a file.", "Give the path of a file."};
  }
  std::string text;
  char part[4096];
  for (;;) {
    const ssize_t got = ::read(fd.get(), part, sizeof part);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed("read", file, errno);
    if (got == 0) return std::optional<std::string>(std::move(text));
    text.append(part, static_cast<std::size_t>(got));
    if (text.size() > max_bytes) {
      return Error{Code::invalid_input,
                   file + " is longer than " + std::to_string(max_bytes) + " bytes.",
                   "Check that it is the right file."};
    }
  }
}

base::Result<void> write_private_file(const std::string& file, std::string_view text) {
  const std::string beside = file + "." + std::to_string(::getpid()) + ".new";
  {
    const Descriptor fd(
        ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (fd.get() < 0) return failed("written", beside, errno);
    if (!write_all(fd.get(), text) || ::fsync(fd.get()) != 0) {
      const int error = errno;
      ::unlink(beside.c_str());
      return failed("written", beside, error);
    }
  }
  if (::rename(beside.c_str(), file.c_str()) != 0) {
    const int error = errno;
    ::unlink(beside.c_str());
    return failed("written", file, error);
  }
  return {};
}

base::Result<void> make_private_dir(const std::string& dir) {
  for (std::size_t slash = dir.find('/', 1);; slash = dir.find('/', slash + 1)) {
    const std::string part = dir.substr(0, slash);
    if (::mkdir(part.c_str(), 0700) != 0 && errno != EEXIST) return failed("made", part, errno);
    if (slash == std::string::npos) break;
  }
  struct stat info{};
  if (::stat(dir.c_str(), &info) != 0) return failed("used", dir, errno);
  if (!S_ISDIR(info.st_mode)) return failed("used", dir, ENOTDIR);
  return {};
}

std::string absolute_path(const std::string& path) {
  std::error_code error;
  const auto whole = std::filesystem::absolute(path, error);
  return error ? path : whole.lexically_normal().string();
}

std::vector<std::string> folders_in(const std::string& dir) {
  std::vector<std::string> out;
  std::error_code error;
  for (std::filesystem::directory_iterator at(dir, error), end; !error && at != end;
       at.increment(error)) {
    std::error_code ignored;
    if (at->is_directory(ignored)) out.push_back(at->path().filename().string());
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace obelisk::cli
