#include "adapters/files/file_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace obelisk::files {
namespace {

// Who has it, as they wrote it: digits only.
std::string owner_in(int file) {
  std::array<char, 16> text{};
  const ssize_t got = ::pread(file, text.data(), text.size() - 1, 0);
  std::string out;
  for (ssize_t i = 0; i < got; ++i) {
    const char one = text[static_cast<std::size_t>(i)];
    if (one < '0' || one > '9') break;
    out += one;
  }
  return out;
}

}  // namespace

base::Result<FileLock> FileLock::take(const std::filesystem::path& path, const std::string& what) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) {
    return base::Error{base::Code::missing_dependency,
                       path.string() + " cannot be opened: " + std::strerror(errno) + ".",
                       "Check that the folder exists and can be written."};
  }
  if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
    const std::string owner = owner_in(file);
    ::close(file);
    return base::Error{base::Code::conflict,
                       "Another process " + what + " " + path.parent_path().string() +
                           (owner.empty() ? "." : ": number " + owner + "."),
                       "End it first, or name another folder with --state."};
  }
  const std::string mine = std::to_string(::getpid()) + "\n";
  // Only to tell who it is: the lock holds without it.
  if (::ftruncate(file, 0) == 0) (void)!::pwrite(file, mine.data(), mine.size(), 0);
  return FileLock(file);
}

FileLock::FileLock(FileLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}

FileLock::~FileLock() {
  if (file_ >= 0) ::close(file_);
}

}  // namespace obelisk::files
