#include "adapters/podman/layout.hpp"

#include "base/crypto.hpp"

namespace obelisk::podman {

LeasePaths Layout::lease(const std::string& name) const {
  std::string dir = leases() + "/" + name;
  std::string mounted = mounts() + "/" + name;
  return {.dir = dir,
          .record = dir + "/record.json",
          .disk = dir + "/disk.img",
          .ssh = dir + "/ssh",
          .mounts = mounted,
          .disk_mount = mounted + "/disk",
          .lower = mounted + "/lower",
          .root = mounted + "/root",
          .ssh_mount = mounted + "/ssh",
          .tools = mounted + "/tools"};
}

Layout make_layout(const std::string& state_dir, const std::string& run_dir) {
  auto digest = base::sha256(base::view_of(state_dir));
  std::string id = base::to_hex(digest.view()).substr(0, 8);
  return {.id = id, .state_dir = state_dir, .run_dir = run_dir, .instance = run_dir + "/" + id};
}

base::Result<void> check_lease_name(const std::string& lease) {
  if (lease.size() <= 44 && base::PublicKey::parse(lease)) return {};
  return base::Error{base::Code::invalid_input, "That is not the address of a lease.",
                     "Give the base58 address, 32 to 44 letters and digits."};
}

std::string hostname_of(const std::string& lease) { return "lease-" + lease.substr(0, 8); }

base::Result<std::string> image_directory(const std::string& digest) {
  constexpr std::string_view kPrefix = "sha256:";
  bool good = digest.size() == kPrefix.size() + 64 && digest.starts_with(kPrefix) &&
              digest.find_first_not_of("0123456789abcdef", kPrefix.size()) == std::string::npos;
  if (good) return "sha256-" + digest.substr(kPrefix.size());
  return base::Error{base::Code::invalid_input, "That is not the digest of an image.",
                     "Give sha256: and 64 hex digits, as `obelisk-host image list` has it."};
}

}  // namespace obelisk::podman
