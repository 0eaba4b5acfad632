#include "adapters/podman/images/login_seed.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <functional>
#include <vector>

#include "adapters/podman/files.hpp"

namespace obelisk::podman {

namespace {

constexpr std::size_t kMaxAccounts = 64 << 10;
// Any that images do not use, inside the lease's range.
constexpr const char* kSshdLine = "sshd:x:64999:64999:sshd:/run/sshd:/usr/sbin/nologin\n";
constexpr const char* kRootLine = "root:x:0:0:root:/root:/bin/sh\n";
constexpr std::size_t kPasswdFields = 7;
constexpr std::size_t kShell = 6;

// As a process in the image would: its absolute links stay inside.
UniqueFd open_in(const std::string& image_root, const std::string& path, std::uint64_t flags) {
  const UniqueFd root(::open(image_root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!root.valid()) return {};
  open_how how{};
  how.flags = flags | O_CLOEXEC;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  return UniqueFd(
      static_cast<int>(::syscall(SYS_openat2, root.get(), path.c_str(), &how, sizeof how)));
}

bool is_file_in(const std::string& image_root, const std::string& path) {
  const UniqueFd fd = open_in(image_root, path, O_PATH);
  struct stat info{};
  return fd.valid() && ::fstat(fd.get(), &info) == 0 && S_ISREG(info.st_mode);
}

// Empty where there is none, or it is no file of a sensible size.
std::string text_in(const std::string& image_root, const std::string& path) {
  if (!is_file_in(image_root, path)) return "";
  const UniqueFd fd = open_in(image_root, path, O_RDONLY | O_NONBLOCK);
  if (!fd.valid()) return "";
  std::string out(kMaxAccounts + 1, '\0');
  std::size_t size = 0;
  while (size < out.size()) {
    const ssize_t count = ::read(fd.get(), out.data() + size, out.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return "";
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  if (size > kMaxAccounts) return "";
  out.resize(size);
  return out;
}

std::vector<std::string> fields_of(const std::string& line) {
  std::vector<std::string> out(1);
  for (const char c : line) {
    if (c == ':') {
      out.emplace_back();
    } else {
      out.back().push_back(c);
    }
  }
  return out;
}

std::string line_of(const std::vector<std::string>& fields) {
  std::string out;
  for (const std::string& field : fields) out += (out.empty() ? "" : ":") + field;
  return out + "\n";
}

void for_each_line(const std::string& text, const std::function<void(const std::string&)>& each) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    if (end > at) each(text.substr(at, end - at));
    at = end + 1;
  }
}

}  // namespace

std::string root_shell(const std::string& passwd) {
  std::string out;
  for_each_line(passwd, [&](const std::string& line) {
    const auto fields = fields_of(line);
    if (fields[0] == "root" && fields.size() == kPasswdFields && out.empty()) out = fields[kShell];
  });
  return out;
}

std::string passwd_for_login(const std::string& text, bool has_shell) {
  std::string out;
  bool has_root = false;
  bool has_sshd = false;
  for_each_line(text, [&](const std::string& line) {
    auto fields = fields_of(line);
    if (fields.size() != kPasswdFields) return;  // what no program could read
    const bool is_root = fields[0] == "root";
    if (is_root && has_root) return;
    if (is_root && !has_shell) fields[kShell] = "/bin/sh";
    has_root = has_root || is_root;
    has_sshd = has_sshd || fields[0] == "sshd";
    out += line_of(fields);
  });
  return (has_root ? "" : kRootLine) + out + (has_sshd ? "" : kSshdLine);
}

std::string shadow_for_login(const std::string& text) {
  std::string out;
  for_each_line(text, [&](const std::string& line) {
    auto fields = fields_of(line);
    // No password opens a lease, so `*` lets nobody in but the holder of the key.
    if (fields[0] == "root" && fields.size() > 1 && fields[1].starts_with('!')) fields[1] = "*";
    out += line_of(fields);
  });
  return out;
}

base::Result<void> check_shell(const std::string& image_root) {
  if (is_file_in(image_root, "bin/sh")) return {};
  return base::Error{base::Code::missing_dependency, "That image has no /bin/sh.",
                     "Nobody could log in to it. Choose an image with a shell."};
}

base::Result<void> seed_login(const std::string& upper, const std::string& image_root,
                              unsigned uid) {
  const std::string passwd = text_in(image_root, "etc/passwd");
  const std::string shell = root_shell(passwd);
  const bool has_shell = shell.starts_with('/') && is_file_in(image_root, shell);
  TRY_VOID(make_directory(upper + "/etc", 0755, uid, uid));
  TRY_VOID(write_file(upper + "/etc/passwd", passwd_for_login(passwd, has_shell), 0644, uid));
  const std::string shadow = text_in(image_root, "etc/shadow");
  if (!shadow.empty()) {
    TRY_VOID(write_file(upper + "/etc/shadow", shadow_for_login(shadow), 0600, uid));
  }
  TRY_VOID(make_directory(upper + "/run", 0755, uid, uid));
  TRY_VOID(make_directory(upper + "/run/sshd", 0755, uid, uid));
  const UniqueFd home = open_in(image_root, "root", O_PATH | O_DIRECTORY);
  if (home.valid()) return {};
  return make_directory(upper + "/root", 0700, uid, uid);
}

}  // namespace obelisk::podman
