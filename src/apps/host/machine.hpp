// What this machine is, as far as a lease can use it: processors, memory, disk, cards. Cards come
// from the driver; the processor stands in as the card `cpu` only where the owner allows it and
// there is no GPU. It must never call anything a card that the driver does not name.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/types.hpp"
#include "apps/host/config.hpp"
#include "base/result.hpp"
#include "ports/gpus.hpp"

namespace obelisk::host {

inline constexpr std::string_view kUnknownProcessor = "unknown processor";

struct Machine {
  std::string cpu_model;
  std::uint32_t cpu_milli = 0;
  std::uint64_t ram_bytes = 0;
  std::uint64_t disk_free_bytes = 0;  // where leases' disks would lie
  std::optional<std::uint64_t> disk_bytes_per_s = {};
};

// From /proc and the file system of `state_dir`; the disk's speed is left to measure_disk().
base::Result<Machine> look_at_machine(const std::filesystem::path& state_dir);
// The model name of the first processor in the text of /proc/cpuinfo, cleaned and bounded.
std::string cpu_model_of(const std::string& cpuinfo);

// The cards to list: what the driver shows and the catalogue knows, else `cpu` if allowed. Cards of
// one kind only: a lease over a mixed set runs at the pace of its slowest.
base::Result<std::vector<api::ListedCard>> cards_of(const Config& config, const Machine& machine,
                                                    ports::Gpus& gpus);

}  // namespace obelisk::host
