#include "adapters/podman/gpu_nodes.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <set>

#include "adapters/podman/files.hpp"
#include "adapters/podman/mig_nodes.hpp"

namespace obelisk::podman {

namespace {

constexpr std::size_t kMaxGpus = 64;
constexpr std::string_view kNode = "nvidia";
constexpr std::string_view kCard = "GPU-";
constexpr std::string_view kInstance = "MIG-";

bool are_instances(const std::vector<std::string>& uuids) {
  return !uuids.empty() && uuids.front().starts_with(kInstance);
}

bool all_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// "Device Minor: 	 3" of /proc/driver/nvidia/gpus/<bus>/information, and "GPU UUID:".
std::string value_of(std::string_view information, std::string_view key) {
  std::size_t at = information.find(key);
  if (at == std::string_view::npos) return "";
  std::string_view rest = information.substr(at + key.size());
  rest = rest.substr(0, rest.find('\n'));
  std::size_t start = rest.find_first_not_of(" \t");
  if (start == std::string_view::npos) return "";
  return std::string(rest.substr(start, rest.find_last_not_of(" \t") + 1 - start));
}

// Numbers of the character devices `prefix`<N> in a folder of the container's /dev. Nobody but our
// own image ran in it so far, so what is found there is what podman put there.
base::Result<std::set<std::string>> nodes_in(const std::string& dev, std::string_view prefix) {
  TRY(std::vector<std::string> names, names_in(dev));
  std::set<std::string> out;
  for (const std::string& name : names) {
    if (!name.starts_with(prefix) || !all_digits(std::string_view(name).substr(prefix.size()))) {
      continue;
    }
    struct stat info{};
    bool device = ::lstat((dev + "/" + name).c_str(), &info) == 0 && S_ISCHR(info.st_mode);
    if (device) out.insert(name.substr(prefix.size()));
  }
  return out;
}

base::Error wrong_cards(const std::string& message) {
  return {base::Code::missing_dependency, message,
          "Write the card list again: nvidia-ctk cdi generate --output=/etc/cdi/nvidia.yaml. "
          "podman 4.3 needs cdiVersion 0.5.0 or older in it."};
}

// The lease's instances, by the capabilities that are in it.
base::Result<void> verify_instances(const std::string& dev, std::size_t wanted,
                                    const std::set<std::string>& cards,
                                    const std::string& proc_dir) {
  TRY(const std::set<std::string> nodes, nodes_in(dev + "/nvidia-caps", "nvidia-cap"));
  const auto known = mig_capabilities(proc_dir);
  if (known.empty()) {
    if (!cards.empty() && nodes.size() == 2 * wanted) return {};
    return wrong_cards("The container has " + std::to_string(nodes.size()) +
                       " device nodes of instances, not two for each of " + std::to_string(wanted) +
                       ".");
  }
  std::set<std::string> cut;  // cards
  std::set<std::pair<std::string, std::string>> parts;
  std::set<std::pair<std::string, std::string>> in_use;  // with a compute instance
  for (const std::string& node : nodes) {
    const auto found = known.find(node);
    if (found == known.end()) return wrong_cards("The container has nvidia-cap" + node + ".");
    const MigCapability& is_for = found->second;
    auto& where = is_for.compute_instance ? in_use : parts;
    cut.insert(is_for.card_minor);
    if (!where.emplace(is_for.card_minor, is_for.gpu_instance).second) {
      return wrong_cards("The container has an instance twice.");
    }
  }
  if (parts.size() == wanted && parts == in_use && cut == cards) return {};
  return wrong_cards("The container has " + std::to_string(parts.size()) + " instances, not " +
                     std::to_string(wanted) + ", or not their cards.");
}

}  // namespace

std::map<std::string, std::string> gpu_minors(const std::string& proc_dir) {
  std::map<std::string, std::string> out;
  std::string dir = proc_dir + "/driver/nvidia/gpus";
  auto names = names_in(dir);
  if (!names) return out;
  for (const std::string& bus : *names) {
    auto information = read_file(dir + "/" + bus + "/information", 65536);
    if (!information) continue;
    std::string uuid = value_of(*information, "GPU UUID:");
    std::string minor = value_of(*information, "Device Minor:");
    if (!uuid.empty() && all_digits(minor)) out[uuid] = minor;
  }
  return out;
}

base::Result<void> check_gpu_uuids(const std::vector<std::string>& uuids) {
  std::set<std::string> seen;
  const std::string_view kind = are_instances(uuids) ? kInstance : kCard;
  for (const std::string& uuid : uuids) {
    bool plain = uuid.starts_with(kind) && uuid.size() <= 64 &&
                 std::all_of(uuid.begin(), uuid.end(), [](char c) {
                   return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                          (c >= 'A' && c <= 'Z') || c == '-';
                 });
    if (plain && seen.insert(uuid).second && seen.size() <= kMaxGpus) continue;
    return base::Error{base::Code::invalid_input, "The cards' UUIDs are not a plain list.",
                       "Give each card once, as nvidia-smi -L names it."};
  }
  return {};
}

base::Result<void> verify_gpus(int pid, const std::vector<std::string>& uuids,
                               const std::string& proc_dir) {
  const std::string dev = proc_dir + "/" + std::to_string(pid) + "/root" + "/dev";
  TRY(std::set<std::string> found, nodes_in(dev, kNode));
  if (are_instances(uuids)) return verify_instances(dev, uuids.size(), found, proc_dir);
  if (found.size() != uuids.size()) {
    return wrong_cards("The container has " + std::to_string(found.size()) + " cards, not " +
                       std::to_string(uuids.size()) + ".");
  }
  std::map<std::string, std::string> known = gpu_minors(proc_dir);
  if (known.empty()) return {};
  for (const std::string& uuid : uuids) {
    auto minor = known.find(uuid);
    if (minor == known.end()) return wrong_cards("The driver does not know the card " + uuid + ".");
    if (!found.contains(minor->second)) {
      return wrong_cards("The container has another card than " + uuid + ".");
    }
  }
  return {};
}

}  // namespace obelisk::podman
