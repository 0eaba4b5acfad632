#include "adapters/podman/cdi.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "adapters/podman/files.hpp"
#include "adapters/podman/gpu_nodes.hpp"
#include "adapters/podman/mig_nodes.hpp"
#include "core/host/cdi.hpp"

namespace obelisk::podman {
namespace {

using base::Code;
using base::Error;

constexpr const char* kOurFile = "obelisk.json";
constexpr std::size_t kMaxText = 4 << 20;
// Where leases look for libraries: the default folder of their base image's loader.
constexpr const char* kLeaseLibraries = "/usr/lib/x86_64-linux-gnu";

struct Other {
  std::string file;
  std::string text;
};

// Every specification that is not ours.
std::vector<Other> others(const CdiPlaces& places) {
  std::vector<Other> out;
  for (const std::string& folder : places.specifications) {
    const auto names = names_in(folder);
    if (!names) continue;
    for (const std::string& name : *names) {
      const bool is_text = name.ends_with(".json") || name.ends_with(".yaml");
      if (!is_text || name == kOurFile) continue;
      auto text = read_file(folder + "/" + name, kMaxText);
      if (text) out.push_back({folder + "/" + name, *std::move(text)});
    }
  }
  return out;
}

base::Result<void> check_paths(const Other& other) {
  for (const std::string& path : host::cdi_host_paths(other.text)) {
    if (exists(path)) continue;
    return Error{Code::missing_dependency,
                 other.file + " names " + path + ", which is not there: the driver changed.",
                 "Write it again: nvidia-ctk cdi generate --output=" + other.file +
                     ". Or delete it: obelisk-host writes its own."};
  }
  return {};
}

// Each file of the driver under its own name and under those of the links to it in its folder:
// programs ask for libcuda.so.1.
base::Result<std::vector<host::CdiFile>> driver_files(const std::string& driver_version,
                                                      const CdiPlaces& places) {
  std::vector<host::CdiFile> out;
  std::set<std::string> taken;
  for (const std::string& folder : places.libraries) {
    TRY(const auto names, names_in(folder));
    for (const std::string& name : names) {
      std::error_code failed;
      const auto real = std::filesystem::canonical(folder + "/" + name, failed);
      if (failed || !host::is_compute_library(real.filename().string(), driver_version)) continue;
      if (!taken.insert(name).second) continue;
      out.push_back({real.string(), std::string(kLeaseLibraries) + "/" + name});
    }
  }
  if (!taken.contains("libcuda.so.1")) {
    return Error{Code::missing_dependency,
                 "The library libcuda.so.1 of the running driver (" + driver_version +
                     ") is not on this machine.",
                 "Install the driver's libraries (Debian: nvidia-driver-libs), or restart the "
                 "machine if the driver was just updated."};
  }
  const std::string shows = places.programs + "/nvidia-smi";
  if (exists(shows)) out.push_back({shows, "/usr/bin/nvidia-smi"});
  return out;
}

// A card's own node; of an instance of a cut card those that let somebody into it as well.
base::Result<std::vector<std::string>> nodes_of(const ports::Gpu& card,
                                                const std::map<std::string, std::string>& minors,
                                                const CdiPlaces& places) {
  const auto minor = minors.find(card.parent_uuid.empty() ? card.uuid : card.parent_uuid);
  const std::string node = minor == minors.end() ? "" : places.dev + "/nvidia" + minor->second;
  if (node.empty() || !exists(node)) {
    return Error{Code::missing_dependency, "The card " + card.uuid + " has no device node.",
                 "Run nvidia-smi once as root, or nvidia-modprobe: it makes the nodes."};
  }
  if (card.parent_uuid.empty()) return std::vector{node};
  TRY(auto out, mig_nodes({minor->second, card.gpu_instance, card.compute_instance}, places.proc,
                          places.dev));
  out.insert(out.begin(), node);
  return out;
}

base::Result<std::string> our_text(const std::vector<ports::Gpu>& cards,
                                   const std::string& driver_version, const CdiPlaces& places) {
  host::CdiDriver driver;
  for (const char* node : {"nvidiactl", "nvidia-uvm", "nvidia-uvm-tools"}) {
    const std::string path = places.dev + "/" + node;
    if (exists(path)) driver.nodes.push_back(path);
  }
  TRY(driver.files, driver_files(driver_version, places));
  const auto minors = gpu_minors(places.proc);
  std::vector<host::CdiCard> named;
  for (const ports::Gpu& card : cards) {
    TRY(auto nodes, nodes_of(card, minors, places));
    named.push_back({card.uuid, std::move(nodes)});
  }
  return host::cdi_text(driver, named);
}

}  // namespace

base::Result<CdiFound> ensure_cdi(const std::vector<ports::Gpu>& seen, const CdiPlaces& places) {
  std::vector<ports::Gpu> cards;
  std::string driver_version;
  for (const ports::Gpu& card : seen) {
    // A cut card is nobody's as a whole.
    if (card.simulated || card.is_cut) continue;
    cards.push_back(card);
    driver_version = card.driver_version;
  }
  if (cards.empty()) return CdiFound{};
  const std::string folder = places.specifications.back();
  const std::string ours = folder + "/" + kOurFile;
  bool some_named = false;
  for (const Other& other : others(places)) {
    const auto is_named = [&](const ports::Gpu& card) {
      return host::cdi_names(other.text, card.uuid);
    };
    if (std::ranges::all_of(cards, is_named)) {
      TRY_VOID(check_paths(other));
      TRY_VOID(remove_file(ours));
      return CdiFound{other.file, false};
    }
    if (std::ranges::any_of(cards, is_named)) some_named = true;
  }
  if (some_named) {
    return Error{Code::missing_dependency,
                 "The container device files name some of this machine's cards and not all.",
                 "Write them again with nvidia-ctk cdi generate --device-name-strategy=uuid, or "
                 "delete them: obelisk-host writes its own."};
  }
  TRY(const std::string text, our_text(cards, driver_version, places));
  TRY_VOID(make_directory(folder, 0755));
  TRY_VOID(write_file(ours, text, 0644));
  return CdiFound{ours, true};
}

}  // namespace obelisk::podman
