#include "apps/host/machine.hpp"

#include <sys/statvfs.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <thread>

#include "base/bytes.hpp"
#include "base/crypto.hpp"
#include "core/cards/catalogue.hpp"

namespace obelisk::host {
namespace {

using base::Code;
using base::Error;

constexpr std::size_t kMaxProcText = 1 << 20;

std::string text_of(const char* path) {
  std::ifstream in(path);
  std::string text(kMaxProcText, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  return text;
}

std::uint64_t total_ram_bytes(const std::string& meminfo) {
  std::istringstream in(meminfo);
  std::string name;
  std::uint64_t kilobytes = 0;
  in >> name >> kilobytes;
  return name == "MemTotal:" ? kilobytes * 1024 : 0;
}

// Stable over restarts, different for every core and machine, and clearly no GPU's.
std::string cpu_uuid(std::uint32_t index) {
  const std::string seed = text_of("/etc/machine-id") + "/" + std::to_string(index);
  return "CPU-" + base::to_hex(base::sha256(base::view_of(seed)).view().first(8));
}

std::vector<api::ListedCard> processor_as_cards(const Machine& machine) {
  std::vector<api::ListedCard> cards;
  const std::uint32_t cores = std::min(machine.cpu_milli / 1000, 16u);
  for (std::uint32_t i = 0; i < std::max(cores, 1u); ++i) {
    cards.push_back({cpu_uuid(i), std::string(cards::kCpuId), machine.cpu_model, 0});
  }
  return cards;
}

}  // namespace

std::string cpu_model_of(const std::string& cpuinfo) {
  std::istringstream lines(cpuinfo);
  for (std::string line; std::getline(lines, line);) {
    const auto colon = line.find(':');
    if (!line.starts_with("model name") || colon == std::string::npos) continue;
    std::string name;
    for (char c : line.substr(std::min(colon + 2, line.size()))) {
      if (c >= 0x20 && c < 0x7f && name.size() < 96) name += c;
    }
    return name;
  }
  return std::string(kUnknownProcessor);
}

base::Result<Machine> look_at_machine(const std::filesystem::path& state_dir) {
  Machine machine;
  machine.cpu_model = cpu_model_of(text_of("/proc/cpuinfo"));
  machine.cpu_milli = std::max(std::thread::hardware_concurrency(), 1u) * 1000;
  machine.ram_bytes = total_ram_bytes(text_of("/proc/meminfo"));
  struct statvfs disk{};
  if (statvfs(state_dir.c_str(), &disk) != 0 || machine.ram_bytes == 0) {
    return Error{
        Code::missing_dependency,
        "The space or memory of this machine could not be read at " + state_dir.string() + ".",
        "Check that the state directory exists and /proc is mounted."};
  }
  machine.disk_free_bytes = std::uint64_t{disk.f_bavail} * disk.f_frsize;
  return machine;
}

base::Result<std::vector<api::ListedCard>> cards_of(const Config& config, const Machine& machine,
                                                    ports::Gpus& gpus) {
  TRY(const auto found, gpus.list());
  std::vector<api::ListedCard> cards;
  std::string unknown;
  std::string cut;
  for (const ports::Gpu& gpu : found) {
    if (gpu.is_cut) {
      // Its instances are cards of their own here.
      const bool has_parts =
          std::ranges::find(found, gpu.uuid, &ports::Gpu::parent_uuid) != found.end();
      if (!has_parts) cut = gpu.name;
      continue;
    }
    const auto* card = cards::match_driver_name(gpu.name);
    if (card == nullptr || !cards::plausible_memory(*card, gpu.memory_bytes)) {
      unknown = gpu.name;
      continue;
    }
    if (!cards.empty() && cards.front().card != card->id) continue;
    cards.push_back({gpu.uuid, std::string(card->id), gpu.name, gpu.memory_bytes});
  }
  if (!cards.empty()) return cards;
  if (!cut.empty()) {
    return Error{Code::unsupported, "MIG is on: " + cut + " is cut, and has no instances.",
                 "Make some: nvidia-smi mig -cgi 1g.10gb -C. Or make it whole: nvidia-smi -mig 0."};
  }
  if (!unknown.empty()) {
    return Error{Code::unsupported, "This version cannot list the card '" + unknown + "'.",
                 "It can list: " + cards::known_ids() + "."};
  }
  if (config.allow_cpu) return processor_as_cards(machine);
  return Error{Code::missing_dependency, "There is no GPU on this machine.",
               "Install the NVIDIA driver, or set allow_cpu = true to offer the processor as the "
               "card 'cpu'."};
}

}  // namespace obelisk::host
