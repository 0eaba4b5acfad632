#include "adapters/podman/mig_nodes.hpp"

#include "adapters/podman/files.hpp"

namespace obelisk::podman {
namespace {

constexpr std::size_t kMaxText = 4096;

std::string capabilities_dir(const std::string& proc) {
  return proc + "/driver/nvidia/capabilities";
}

// What is left of a name behind its prefix, if that is a number.
std::optional<std::string> number_behind(const std::string& name, std::string_view prefix) {
  if (!name.starts_with(prefix)) return std::nullopt;
  std::string rest = name.substr(prefix.size());
  if (rest.empty() || rest.find_first_not_of("0123456789") != std::string::npos) {
    return std::nullopt;
  }
  return rest;
}

// "DeviceFileMinor: 21" of an access file.
std::optional<std::string> node_number(const std::string& file) {
  constexpr std::string_view kKey = "DeviceFileMinor:";
  const auto text = read_file(file, kMaxText);
  if (!text) return std::nullopt;
  const std::size_t at = text->find(kKey);
  if (at == std::string::npos) return std::nullopt;
  std::string rest = text->substr(at + kKey.size());
  rest = rest.substr(0, rest.find('\n'));
  const std::size_t first = rest.find_first_not_of(" \t");
  if (first == std::string::npos) return std::nullopt;
  return number_behind(rest.substr(first, rest.find_last_not_of(" \t") + 1 - first), "");
}

std::vector<std::string> names_or_none(const std::string& dir) {
  auto names = names_in(dir);
  return names ? *std::move(names) : std::vector<std::string>{};
}

}  // namespace

base::Result<std::vector<std::string>> mig_nodes(const MigPlace& place, const std::string& proc,
                                                 const std::string& dev) {
  const std::string of_gpu = capabilities_dir(proc) + "/gpu" + place.card_minor + "/mig/gi" +
                             std::to_string(place.gpu_instance);
  const std::string of_compute = of_gpu + "/ci" + std::to_string(place.compute_instance);
  std::vector<std::string> out;
  for (const std::string& dir : {of_gpu, of_compute}) {
    const std::string file = dir + "/access";
    const auto number = node_number(file);
    if (!number) {
      return base::Error{base::Code::missing_dependency,
                         "The driver has no " + file + ": the instance is gone.",
                         "Look at nvidia-smi -L, and start obelisk-host again."};
    }
    out.push_back(dev + "/nvidia-caps/nvidia-cap" + *number);
    if (exists(out.back())) continue;
    return base::Error{base::Code::missing_dependency,
                       "The instance's device node " + out.back() + " is not there.",
                       "Make it: nvidia-modprobe -f " + file};
  }
  return out;
}

std::map<std::string, MigCapability> mig_capabilities(const std::string& proc) {
  std::map<std::string, MigCapability> out;
  for (const std::string& card : names_or_none(capabilities_dir(proc))) {
    const auto minor = number_behind(card, "gpu");
    if (!minor) continue;
    const std::string cut = capabilities_dir(proc) + "/" + card + "/mig";
    for (const std::string& part : names_or_none(cut)) {
      const auto gpu_instance = number_behind(part, "gi");
      if (!gpu_instance) continue;
      const std::string dir = cut + "/" + part;
      if (const auto node = node_number(dir + "/access")) {
        out[*node] = {*minor, *gpu_instance, std::nullopt};
      }
      for (const std::string& name : names_or_none(dir)) {
        const auto compute_instance = number_behind(name, "ci");
        if (!compute_instance) continue;
        if (const auto node = node_number(dir + "/" + name + "/access")) {
          out[*node] = {*minor, *gpu_instance, *compute_instance};
        }
      }
    }
  }
  return out;
}

}  // namespace obelisk::podman
