#include "adapters/podman/seclusion.hpp"

#include <algorithm>
#include <filesystem>

#include "adapters/podman/files.hpp"
#include "adapters/podman/process.hpp"

namespace obelisk::podman {

namespace {

constexpr std::string_view kVirtual = "/sys/devices/virtual/";
constexpr std::size_t kMostDevices = 512;

std::vector<std::string> real_paths_in(const std::string& dir) {
  std::vector<std::string> out;
  auto names = names_in(dir);
  for (const std::string& name : names ? *names : std::vector<std::string>{}) {
    std::error_code failed;
    auto path = std::filesystem::canonical(dir + "/" + name, failed);
    if (!failed && out.size() < kMostDevices) out.push_back(path.string());
  }
  return out;
}

}  // namespace

std::vector<std::string> device_directories(const std::vector<std::string>& real_paths) {
  std::vector<std::string> out;
  for (const std::string& path : real_paths) {
    if (!path.starts_with("/sys/devices/") || path.starts_with(kVirtual)) continue;
    std::string closed = path;
    for (const char* kind : {"/net/", "/block/"}) {
      std::size_t at = path.find(kind);
      if (at != std::string::npos) closed = path.substr(0, path.find('/', at + 1));
    }
    out.push_back(std::move(closed));
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

std::vector<std::string> masked_paths() {
  std::vector<std::string> out{
      "/sys/fs",          "/sys/class/net",           "/sys/class/block",
      "/sys/block",       "/sys/devices/virtual/net", "/sys/devices/virtual/block",
      "/proc/partitions", "/proc/diskstats"};
  std::vector<std::string> devices = real_paths_in("/sys/class/net");
  std::vector<std::string> disks = real_paths_in("/sys/class/block");
  devices.insert(devices.end(), disks.begin(), disks.end());
  for (std::string& path : device_directories(devices)) out.push_back(std::move(path));
  return out;
}

base::Result<void> forbid_user_namespaces(int pid) {
  // The file shows the user namespace of whoever opens it, so a program of its own goes in: this
  // one has threads and cannot.
  auto done = run_checked({.argv = {"nsenter", "--target", std::to_string(pid), "--user", "tee",
                                    "/proc/sys/user/max_user_namespaces"},
                           .input = "0\n"});
  if (!done) return std::move(done).error();
  return {};
}

}  // namespace obelisk::podman
