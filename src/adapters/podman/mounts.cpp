#include "adapters/podman/mounts.hpp"

#include <sys/mount.h>

#include <algorithm>
#include <cerrno>
#include <thread>

#include "adapters/podman/files.hpp"

namespace obelisk::podman {

namespace {

constexpr std::size_t kMaxMountinfoBytes = 16 << 20;

// mountinfo writes space, tab, newline and backslash as \040 and so on.
std::string unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 3 < text.size()) {
      int value = 0;
      for (std::size_t k = 1; k <= 3; ++k) value = value * 8 + (text[i + k] - '0');
      out.push_back(static_cast<char>(value));
      i += 3;
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

// The fifth field of a line: where it is mounted.
std::string mount_point(std::string_view line) {
  for (int skip = 0; skip < 4; ++skip) {
    std::size_t space = line.find(' ');
    if (space == std::string_view::npos) return "";
    line.remove_prefix(space + 1);
  }
  return unescape(line.substr(0, line.find(' ')));
}

}  // namespace

std::vector<std::string> mounts_below_in(std::string_view mountinfo, const std::string& top) {
  std::vector<std::string> out;
  while (!mountinfo.empty()) {
    std::size_t end = mountinfo.find('\n');
    std::string point = mount_point(mountinfo.substr(0, end));
    if (point == top || point.starts_with(top + "/")) out.push_back(std::move(point));
    if (end == std::string_view::npos) break;
    mountinfo.remove_prefix(end + 1);
  }
  return out;
}

base::Result<std::vector<std::string>> mounts_below(const std::string& top) {
  TRY(std::string text, read_file("/proc/self/mountinfo", kMaxMountinfoBytes));
  return mounts_below_in(text, top);
}

base::Result<void> check_nothing_mounted(const std::string& top) {
  TRY(std::vector<std::string> mounted, mounts_below(top));
  if (mounted.empty()) return {};
  return base::Error{base::Code::refused,
                     "will not delete " + top + ": " + mounted.back() + " is mounted.",
                     "Unmount it, then try again."};
}

base::Result<bool> is_mounted(const std::string& path) {
  TRY(std::vector<std::string> mounted, mounts_below(path));
  return std::find(mounted.begin(), mounted.end(), path) != mounted.end();
}

base::Result<void> unmount_below(const std::string& top, std::chrono::milliseconds timeout) {
  auto deadline = std::chrono::steady_clock::now() + timeout;
  while (true) {
    TRY(std::vector<std::string> mounted, mounts_below(top));
    if (mounted.empty()) return {};
    int failed = 0;
    for (auto point = mounted.rbegin(); point != mounted.rend(); ++point) {
      if (::umount2(point->c_str(), UMOUNT_NOFOLLOW) != 0) failed = errno;
    }
    if (failed == 0) continue;
    if (std::chrono::steady_clock::now() > deadline) {
      return system_error("cannot unmount " + mounted.back(), failed);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

base::Result<void> mount_overlay(const std::string& lower, const std::string& upper,
                                 const std::string& work, const std::string& target) {
  std::string options = "lowerdir=" + lower + ",upperdir=" + upper + ",workdir=" + work;
  if (::mount("overlay", target.c_str(), "overlay", MS_NODEV, options.c_str()) != 0) {
    return system_error("cannot mount the lease's root at " + target, errno);
  }
  return {};
}

base::Result<void> mount_read_only(const std::string& source, const std::string& target) {
  if (::mount(source.c_str(), target.c_str(), nullptr, MS_BIND, nullptr) != 0) {
    return system_error("cannot show " + source + " at " + target, errno);
  }
  unsigned long flags = MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NODEV | MS_NOSUID | MS_NOEXEC;
  if (::mount(nullptr, target.c_str(), nullptr, flags, nullptr) != 0) {
    int failed = errno;
    ::umount2(target.c_str(), UMOUNT_NOFOLLOW);
    return system_error("cannot make " + target + " read-only", failed);
  }
  return {};
}

}  // namespace obelisk::podman
