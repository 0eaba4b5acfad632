// What the facts of a machine mean for hosting. Pure: who gathers them is elsewhere, and what could
// not be found out is said as that, never guessed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/host/finding.hpp"

namespace obelisk::host {

// The market quotes no host whose wallet holds less: it could not be paid.
inline constexpr std::uint64_t kLeastWalletLamports = 1'000'000;

// Control groups as the kernel has them mounted.
enum class Cgroups : std::uint8_t { v1, hybrid, v2, none };

struct CardFacts {
  std::string name;           // as the driver says it
  std::string id;             // in the catalogue; empty: not there
  bool is_plausible = true;   // such a card has that much memory
  bool is_cut = false;        // MIG is on, and it has no instances; those are cards of their own
  std::size_t processes = 0;  // that use it now
};

struct DriverFacts {
  std::string problem;  // why the driver's library does not answer; empty where it does
  std::string fix;
  std::string version;   // empty: no driver
  int cuda_version = 0;  // 12040 is 12.4
  std::vector<CardFacts> cards;
  bool allow_cpu = false;
};

Finding judge_cgroups(Cgroups cgroups);
// Driver, CUDA and cards: one finding each.
std::vector<Finding> judge_driver(const DriverFacts& facts);
// `ahead_ms`: this machine's clock less the market's; nothing where the market did not answer.
Finding judge_clock(std::optional<std::int64_t> ahead_ms);
// `lamports`: what the wallet has; nothing where no node answered.
Finding judge_wallet(const std::string& address, std::optional<std::uint64_t> lamports);
// The slower of reading and writing in a row.
Finding judge_disk_speed(std::optional<std::uint64_t> bytes_per_s);

}  // namespace obelisk::host
