#include "adapters/podman/cgroups.hpp"

#include <unistd.h>

#include <vector>

#include "adapters/podman/files.hpp"

namespace obelisk::podman {

namespace {

constexpr int kMaxDepth = 6;
constexpr const char* kTop = "/sys/fs/cgroup";

// Version 2 has one hierarchy at the top, version 1 one in each directory below it.
std::vector<std::string> places(const std::string& name) {
  std::vector<std::string> out;
  std::string top = std::string(kTop) + "/" + name;
  if (is_directory(top)) out.push_back(top);
  auto hierarchies = names_in(kTop);
  for (const std::string& hierarchy : hierarchies ? *hierarchies : std::vector<std::string>{}) {
    std::string path = std::string(kTop) + "/" + hierarchy + "/" + name;
    if (is_directory(path)) out.push_back(path);
  }
  return out;
}

void remove_group(const std::string& path, int depth) {
  if (depth > kMaxDepth) return;
  auto names = names_in(path);
  for (const std::string& child : names ? *names : std::vector<std::string>{}) {
    if (is_directory(path + "/" + child)) remove_group(path + "/" + child, depth + 1);
  }
  ::rmdir(path.c_str());
}

}  // namespace

void remove_cgroups(const std::string& name) {
  for (const std::string& path : places(name)) remove_group(path, 0);
}

bool any_cgroup(const std::string& name) { return !places(name).empty(); }

}  // namespace obelisk::podman
