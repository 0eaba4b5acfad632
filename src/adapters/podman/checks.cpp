#include "adapters/podman/checks.hpp"

#include <unistd.h>

#include <array>
#include <functional>

#include "adapters/podman/disk.hpp"
#include "adapters/podman/files.hpp"
#include "adapters/podman/firewall.hpp"
#include "adapters/podman/images/image_store.hpp"
#include "adapters/podman/mounts.hpp"
#include "adapters/podman/process.hpp"
#include "adapters/podman/slot.hpp"

namespace obelisk::podman {

namespace {

struct Needed {
  const char* program;
  const char* package;
};
constexpr std::array<Needed, 6> kNeeded = {{{"podman", "podman"},
                                            {"runc", "runc"},
                                            {"conmon", "conmon"},
                                            {"nft", "nftables"},
                                            {"ip", "iproute2"},
                                            {"mkfs.ext4", "e2fsprogs"}}};

using host::Finding;
using host::Level;

Finding error(const char* id, std::string text, std::string fix) {
  return {id, Level::error, std::move(text), std::move(fix)};
}

Finding check_root() {
  if (::geteuid() == 0) return {"root", Level::ok, "Started as root.", ""};
  return error("root", "Containers need root.", "Start obelisk-host as root.");
}

Finding check_programs() {
  std::string programs;
  std::string packages;
  for (const Needed& needed : kNeeded) {
    if (find_program(needed.program)) continue;
    programs += (programs.empty() ? "" : ", ") + std::string(needed.program);
    packages += " " + std::string(needed.package);
  }
  if (programs.empty()) return {"programs", Level::ok, "Podman, runc and the rest are there.", ""};
  return error("programs", "Not installed: " + programs + ".", "apt-get install" + packages);
}

bool kernel_knows(const std::string& file_system) {
  auto known = read_file("/proc/filesystems");
  return known && known->find("\t" + file_system + "\n") != std::string::npos;
}

Finding check_kernel() {
  for (const char* module : {"overlay", "ext4"}) {
    if (kernel_knows(module)) continue;
    auto loaded = run({.argv = {"modprobe", module}, .input = ""});
    if (loaded && kernel_knows(module)) continue;
    return error("kernel", std::string("The kernel has no ") + module + " file system.",
                 "Use Debian's own kernel (linux-image-amd64).");
  }
  if (!exists("/dev/loop-control")) {
    auto loaded = run({.argv = {"modprobe", "loop"}, .input = ""});
    if (!loaded || !exists("/dev/loop-control")) {
      return error("kernel", "The kernel has no loop devices (/dev/loop-control).",
                   "modprobe loop");
    }
  }
  if (!exists("/proc/self/ns/user") || !exists("/proc/self/ns/net")) {
    return error("kernel", "The kernel has no user or network namespaces.",
                 "Use Debian's own kernel (linux-image-amd64).");
  }
  return {"kernel", Level::ok, "The kernel has all that leases need.", ""};
}

// The nearest directory of the path that exists.
std::string existing_part(std::string path) {
  while (path.size() > 1 && !exists(path)) path.resize(std::max<std::size_t>(1, path.rfind('/')));
  return path;
}

Finding check_space(const PodmanOptions& options) {
  const std::string place = existing_part(options.state_dir);
  const auto free = free_bytes(place);
  if (!free) return error("space", free.error().message, free.error().action);
  const std::string words = std::to_string(*free >> 20) + " MiB free in " + place;
  const std::uint64_t needed = options.reserve_bytes + kMinDiskBytes;
  if (*free > needed) return {"space", Level::ok, words + ".", ""};
  return error("space", words + ", " + std::to_string(needed >> 20) + " needed.",
               "Free some space there, or choose another state directory.");
}

Finding check_image(const PodmanOptions& options) {
  const auto images = resident_images(options.images_dir);
  if (!images) return error("image", images.error().message, images.error().action);
  std::string names;
  for (const Resident& one : *images) names += (names.empty() ? "" : ", ") + one.name;
  return {"image", Level::ok, "Images for leases: " + names + ".", ""};
}

// Docker drops what this machine forwards unless told otherwise. That is no reason to refuse, but
// leases would have no way out and nobody would see why.
Finding check_firewall() {
  // As each start does; its nft has to write JSON.
  const auto others = interfaces_of_others("");
  if (!others) return error("firewall", others.error().message, "apt-get install nftables");
  auto chain = run({.argv = {"nft", "list", "chain", "ip", "filter", "FORWARD"}, .input = ""});
  const bool drops =
      chain && chain->status == 0 && chain->output.find("policy drop") != std::string::npos;
  if (!drops || chain->output.find("obelisk") != std::string::npos) {
    return {"firewall", Level::ok, "No other firewall drops what leases send.", ""};
  }
  return {"firewall", Level::warning,
          "Another firewall here (Docker's?) drops what leases send out.",
          "iptables -I DOCKER-USER -i obelisk+ -j ACCEPT; "
          "iptables -I DOCKER-USER -o obelisk+ -j ACCEPT"};
}

}  // namespace

host::Cgroups cgroups_in(const std::string& mounts) {
  bool v1 = false;
  bool v2 = false;
  std::size_t at = 0;
  while (at < mounts.size()) {
    const std::size_t end = std::min(mounts.find('\n', at), mounts.size());
    const std::string line = mounts.substr(at, end - at);
    // Device, place, kind, ...
    v1 = v1 || line.find(" cgroup ") != std::string::npos;
    v2 = v2 || line.find(" cgroup2 ") != std::string::npos;
    at = end + 1;
  }
  if (v1) return v2 ? host::Cgroups::hybrid : host::Cgroups::v1;
  return v2 ? host::Cgroups::v2 : host::Cgroups::none;
}

std::vector<Finding> findings(const PodmanOptions& options) {
  std::vector<Finding> out{check_root(), check_programs(), check_kernel()};
  const auto mounts = read_file("/proc/self/mounts");
  out.push_back(host::judge_cgroups(cgroups_in(mounts ? *mounts : "")));
  out.push_back(check_space(options));
  out.push_back(check_image(options));
  out.push_back(check_firewall());
  return out;
}

base::Result<void> check_machine(const PodmanOptions& options) {
  for (const Finding& finding : findings(options)) {
    if (finding.level == Level::error) {
      return base::Error{base::Code::missing_dependency, finding.text, finding.fix};
    }
    if (finding.level == Level::warning && options.log) {
      options.log(finding.text + " " + finding.fix);
    }
  }
  return {};
}

namespace {

// Shows a folder for a moment as a lease would see it, and asks `look` while it is there.
base::Result<bool> try_mount(const Layout& layout, const std::string& folder,
                             const std::function<bool(const std::string& point)>& look) {
  const std::string point = layout.instance + "/check";
  TRY_VOID(unmount_below(point, std::chrono::seconds(2)));
  TRY_VOID(make_directory(point, 0700));
  auto mounted = mount_idmapped(folder, point, kFirstUid, kUidsPerSlot);
  const bool seen = mounted && look(point);
  TRY_VOID(unmount_below(point, std::chrono::seconds(2)));
  TRY_VOID(remove_empty(point));
  if (!mounted) return std::move(mounted).error();
  return seen;
}

}  // namespace

base::Result<void> try_cache(const Layout& layout, const std::string& folder) {
  const auto tried = try_mount(layout, folder, [](const std::string&) { return true; });
  if (tried) return {};
  return base::Error{
      base::Code::missing_dependency,
      "The cache folder " + folder + " cannot be shown to leases: " + tried.error().message,
      "Put it on a file system that maps owners (ext4, XFS, btrfs), or leave it out."};
}

base::Result<void> try_image(const Layout& layout, const Image& image) {
  TRY(const bool whole, try_mount(layout, image.root, [&](const std::string& point) {
        return image.login == Login::mounted || exists(point + "/usr/sbin/sshd");
      }));
  if (whole) return {};
  return base::Error{base::Code::missing_dependency, "The image " + image.digest + " has no sshd.",
                     "Make it again with images/build, or remove it: obelisk-host image remove."};
}

base::Result<void> check_caches(const std::map<std::string, std::string>& caches) {
  constexpr std::size_t kMaxCaches = 16;
  for (const auto& [name, folder] : caches) {
    const bool plain =
        !name.empty() && name.size() <= 40 &&
        name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_") == name.npos;
    if (!plain || caches.size() > kMaxCaches) {
      return base::Error{base::Code::invalid_input,
                         "The cache '" + name + "' has no plain name, or there are over 16.",
                         "Use lower-case letters, digits, - and _."};
    }
    if (folder.starts_with('/') && is_directory(folder)) continue;
    return base::Error{base::Code::not_found, "The cache folder " + folder + " is not there.",
                       "Name a folder by its whole path, or leave it out."};
  }
  return {};
}

}  // namespace obelisk::podman
