#include "adapters/podman/terminals.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

#include "adapters/podman/files.hpp"

namespace obelisk::podman {
namespace {

constexpr std::size_t kMostTerminals = 256;

// The lease's own devpts; whatever else its root may have put there is not opened.
UniqueFd terminals_of(int pid) {
  const std::string root_path = "/proc/" + std::to_string(pid) + "/root";
  const UniqueFd root(::open(root_path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!root.valid()) return {};
  open_how how{};
  how.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  UniqueFd out(static_cast<int>(::syscall(SYS_openat2, root.get(), "dev/pts", &how, sizeof how)));
  struct statfs info{};
  const bool is_devpts = out.valid() && ::fstatfs(out.get(), &info) == 0 &&
                         static_cast<unsigned long>(info.f_type) == DEVPTS_SUPER_MAGIC;
  return is_devpts ? std::move(out) : UniqueFd();
}

bool write_to(int folder, const char* name, const std::string& text) {
  const UniqueFd terminal(
      ::openat(folder, name, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC));
  struct stat info{};
  if (!terminal.valid() || ::fstat(terminal.get(), &info) != 0 || !S_ISCHR(info.st_mode)) {
    return false;
  }
  return ::write(terminal.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

}  // namespace

base::Result<std::size_t> write_to_terminals(int pid, const std::string& line) {
  UniqueFd folder = terminals_of(pid);
  if (!folder.valid()) return system_error("cannot find the lease's terminals", errno);
  std::string text = "\r\n";
  for (const char c : line) {
    if (c >= 0x20 && c < 0x7f) text.push_back(c);
  }
  text += "\r\n";
  const std::unique_ptr<DIR, int (*)(DIR*)> names(::fdopendir(folder.get()), ::closedir);
  if (!names) return system_error("cannot list the lease's terminals", errno);
  const int fd = folder.release();  // closed with `names`
  std::size_t looked = 0;
  std::size_t out = 0;
  while (const dirent* entry = ::readdir(names.get())) {
    const std::string name = entry->d_name;
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;  // ptmx, ., ..
    if (++looked > kMostTerminals) break;
    if (write_to(fd, name.c_str(), text)) ++out;
  }
  return out;
}

}  // namespace obelisk::podman
