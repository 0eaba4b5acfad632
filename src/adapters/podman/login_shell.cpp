#include "adapters/podman/login_shell.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "adapters/podman/files.hpp"

namespace obelisk::podman {
namespace {

constexpr const char* kOtherwise = "/bin/sh";
constexpr std::size_t kMaxPasswd = 64 << 10;
constexpr std::size_t kFields = 7;

// A file of the lease's, as the lease sees its paths, but not opened yet: links are followed inside
// it only, and nothing but its own file system is looked at. In its procfs a file may be the
// machine's, and one of FUSE may never answer.
UniqueFd find_in(const UniqueFd& root, const char* path) {
  open_how how{};
  how.flags = O_PATH | O_CLOEXEC;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV;
  return UniqueFd(static_cast<int>(::syscall(SYS_openat2, root.get(), path, &how, sizeof how)));
}

bool is_file(const UniqueFd& file, mode_t with) {
  struct stat info{};
  return file.valid() && ::fstat(file.get(), &info) == 0 && S_ISREG(info.st_mode) &&
         (info.st_mode & with) == with;
}

// Of what is a regular file: opening a pipe or a device would do something already.
std::string text_of(const UniqueFd& found) {
  const std::string path = "/proc/self/fd/" + std::to_string(found.get());
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  std::string out(kMaxPasswd, '\0');
  const ssize_t count = file.valid() ? ::read(file.get(), out.data(), out.size()) : -1;
  out.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  return out;
}

// Those that only turn people away.
bool lets_in(std::string_view shell) {
  const std::string_view name = shell.substr(shell.rfind('/') + 1);
  return name != "nologin" && name != "false";
}

}  // namespace

std::string shell_in(std::string_view passwd) {
  while (!passwd.empty()) {
    const auto end = std::min(passwd.find('\n'), passwd.size());
    std::string_view line = passwd.substr(0, end);
    passwd.remove_prefix(std::min(end + 1, passwd.size()));
    std::array<std::string_view, kFields> fields;
    std::size_t count = 0;
    for (; count < kFields; ++count) {
      const auto next = std::min(line.find(':'), line.size());
      fields[count] = line.substr(0, next);
      line.remove_prefix(std::min(next + 1, line.size()));
    }
    if (fields[2] != "0") continue;
    const std::string_view shell = fields[6];
    const bool is_path =
        shell.starts_with('/') && shell.size() < 256 && shell.find('\0') == std::string_view::npos;
    return is_path && lets_in(shell) ? std::string(shell) : "";
  }
  return "";
}

std::string login_shell(int pid) {
  const std::string root_path = "/proc/" + std::to_string(pid) + "/root";
  const UniqueFd root(::open(root_path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!root.valid()) return kOtherwise;
  const UniqueFd passwd = find_in(root, "etc/passwd");
  if (!is_file(passwd, 0)) return kOtherwise;
  std::string shell = shell_in(text_of(passwd));
  const bool is_there = !shell.empty() && is_file(find_in(root, shell.c_str()), 0111);
  return is_there ? shell : kOtherwise;
}

}  // namespace obelisk::podman
