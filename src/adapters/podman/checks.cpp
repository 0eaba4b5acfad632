#include "adapters/podman/checks.hpp"

#include <unistd.h>

#include <array>
#include <boost/json.hpp>

#include "adapters/podman/disk.hpp"
#include "adapters/podman/files.hpp"
#include "adapters/podman/mounts.hpp"
#include "adapters/podman/process.hpp"
#include "adapters/podman/slot.hpp"

namespace obelisk::podman {

namespace json = boost::json;

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

base::Error missing(std::string message, std::string action) {
  return {base::Code::missing_dependency, std::move(message), std::move(action)};
}

base::Result<void> check_programs() {
  std::string programs;
  std::string packages;
  for (const Needed& needed : kNeeded) {
    if (find_program(needed.program)) continue;
    programs += (programs.empty() ? "" : ", ") + std::string(needed.program);
    packages += " " + std::string(needed.package);
  }
  if (programs.empty()) return {};
  return missing("Not installed: " + programs + ".", "apt-get install" + packages);
}

bool kernel_knows(const std::string& file_system) {
  auto known = read_file("/proc/filesystems");
  return known && known->find("\t" + file_system + "\n") != std::string::npos;
}

base::Result<void> check_kernel() {
  for (const char* module : {"overlay", "ext4"}) {
    if (kernel_knows(module)) continue;
    auto loaded = run({.argv = {"modprobe", module}, .input = ""});
    if (loaded && kernel_knows(module)) continue;
    return missing(std::string("The kernel has no ") + module + " file system.",
                   "Use Debian's own kernel (linux-image-amd64).");
  }
  if (!exists("/dev/loop-control")) {
    auto loaded = run({.argv = {"modprobe", "loop"}, .input = ""});
    if (!loaded || !exists("/dev/loop-control")) {
      return missing("The kernel has no loop devices (/dev/loop-control).", "modprobe loop");
    }
  }
  if (!exists("/proc/self/ns/user") || !exists("/proc/self/ns/net")) {
    return missing("The kernel has no user or network namespaces.",
                   "Use Debian's own kernel (linux-image-amd64).");
  }
  return {};
}

// The nearest directory of the path that exists.
std::string existing_part(std::string path) {
  while (path.size() > 1 && !exists(path)) path.resize(std::max<std::size_t>(1, path.rfind('/')));
  return path;
}

base::Result<void> check_space(const PodmanOptions& options) {
  std::string place = existing_part(options.state_dir);
  TRY(std::uint64_t free, free_bytes(place));
  if (free > options.reserve_bytes + kMinDiskBytes) return {};
  return missing(std::to_string(free >> 20) + " MiB free in " + place + ", " +
                     std::to_string((options.reserve_bytes + kMinDiskBytes) >> 20) + " needed.",
                 "Free some space there, or choose another state directory.");
}

// Docker drops what this machine forwards unless told otherwise. That is no reason to refuse, but
// leases would have no way out and nobody would see why.
void warn_of_dropped_forwarding(const PodmanOptions& options) {
  if (!options.log) return;
  auto chain = run({.argv = {"nft", "list", "chain", "ip", "filter", "FORWARD"}, .input = ""});
  if (!chain || chain->status != 0) return;
  bool drops = chain->output.find("policy drop") != std::string::npos;
  if (!drops || chain->output.find("obelisk") != std::string::npos) return;
  options.log(
      "Another firewall here (Docker's?) drops what leases send out. Let them pass: "
      "iptables -I DOCKER-USER -i obelisk+ -j ACCEPT; "
      "iptables -I DOCKER-USER -o obelisk+ -j ACCEPT");
}

base::Error no_image(const std::string& images_dir) {
  return missing("There is no lease image in " + images_dir + ".",
                 "Make it once (30 s): images/build " + images_dir);
}

}  // namespace

base::Result<Image> resident_image(const std::string& images_dir) {
  auto text = read_file(images_dir + "/lease.json", 65536);
  if (!text) return no_image(images_dir);
  try {
    json::object manifest = json::parse(*text).as_object();
    Image image;
    image.digest = std::string(manifest.at("digest").as_string());
    image.size_bytes = manifest.at("size_bytes").to_number<std::uint64_t>();
    TRY(std::string directory, image_directory(image.digest));
    image.root = images_dir + "/" + directory + "/rootfs";
    if (is_directory(image.root)) return image;
  } catch (const std::exception&) {
    // Said below: a file we cannot read is no image.
  }
  return no_image(images_dir);
}

base::Result<void> image_is_resident(const std::string& images_dir, const std::string& digest) {
  TRY(std::string directory, image_directory(digest));
  if (is_directory(images_dir + "/" + directory + "/rootfs")) return {};
  return base::Error{base::Code::not_found, "The image " + digest + " is not on this host.",
                     "Make it with images/build, or rent with the host's own image."};
}

base::Result<void> check_machine(const PodmanOptions& options) {
  if (::geteuid() != 0) return missing("Containers need root.", "Start obelisk-host as root.");
  TRY_VOID(check_programs());
  TRY_VOID(check_kernel());
  TRY_VOID(check_space(options));
  auto image = resident_image(options.images_dir);
  if (!image) return std::move(image).error();
  warn_of_dropped_forwarding(options);
  return {};
}

base::Result<void> try_image(const Layout& layout, const Image& image) {
  std::string point = layout.instance + "/check";
  TRY_VOID(unmount_below(point, std::chrono::seconds(2)));
  TRY_VOID(make_directory(point, 0700));
  auto mounted = mount_idmapped(image.root, point, kFirstUid, kUidsPerSlot);
  bool whole = mounted && exists(point + "/usr/sbin/sshd");
  TRY_VOID(unmount_below(point, std::chrono::seconds(2)));
  TRY_VOID(remove_empty(point));
  if (!mounted) return mounted;
  if (whole) return {};
  return no_image(image.root);
}

}  // namespace obelisk::podman
