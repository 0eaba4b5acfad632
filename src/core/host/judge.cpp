#include "core/host/judge.hpp"

#include <cstdlib>

#include "base/lamports.hpp"
#include "core/cards/catalogue.hpp"

namespace obelisk::host {
namespace {

// Images of PyTorch 2.9 and vLLM are built for CUDA 12.8, which drivers from 570 on run (NVIDIA,
// "CUDA Toolkit and Corresponding Driver Versions").
constexpr int kLeastCuda = 12'080;
constexpr std::int64_t kLateMs = 2'000;
constexpr std::int64_t kTooLateMs = 30'000;
constexpr std::uint64_t kSlowDisk = 150'000'000;

std::string cuda_text(int version) {
  return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

Finding judge_cuda(const DriverFacts& facts) {
  if (facts.cuda_version == 0) {
    return {"cuda", Level::warning, "The driver does not say which CUDA it runs.",
            "Install NVIDIA's driver 570 or newer."};
  }
  if (facts.cuda_version < kLeastCuda) {
    return {"cuda", Level::warning,
            "CUDA " + cuda_text(facts.cuda_version) +
                ": images of today ask for 12.8, and renters search for it.",
            "Install NVIDIA's driver 570 or newer."};
  }
  return {"cuda", Level::ok, "CUDA " + cuda_text(facts.cuda_version) + ".", ""};
}

Finding judge_cards(const DriverFacts& facts) {
  std::size_t known = 0;
  std::string first;
  std::string other;
  std::string cut;
  for (const CardFacts& card : facts.cards) {
    if (card.is_cut) {
      cut = card.name;
      continue;
    }
    if (card.id.empty()) {
      return {"cards", Level::error, "This version cannot list the card '" + card.name + "'.",
              "It can list: " + cards::known_ids() + "."};
    }
    if (!card.is_plausible) {
      return {"cards", Level::error,
              card.name + " does not have as much memory as its driver says.",
              "Look at nvidia-smi -q."};
    }
    if (first.empty()) first = card.id;
    if (card.id == first) {
      ++known;
    } else {
      other = card.id;
    }
  }
  if (!cut.empty()) {
    return {"cards", known == 0 ? Level::error : Level::warning,
            "MIG is on: " + cut + " is cut, has no instances, and is not offered.",
            "Make some: nvidia-smi mig -cgi 1g.10gb -C. Or make it whole: nvidia-smi -mig 0."};
  }
  if (!other.empty()) {
    return {"cards", Level::warning,
            "Cards of two kinds: only " + std::to_string(known) + " x " + first + " are offered.",
            "A lease is of one kind. Put the others into another machine."};
  }
  for (const CardFacts& card : facts.cards) {
    if (card.processes == 0) continue;
    return {"cards", Level::warning,
            std::to_string(card.processes) + " programs use " + card.name + " now.",
            "End them before you offer it: nvidia-smi shows their numbers."};
  }
  return {"cards", Level::ok, std::to_string(known) + " x " + first + ".", ""};
}

}  // namespace

Finding judge_cgroups(Cgroups cgroups) {
  switch (cgroups) {
    case Cgroups::v1: return {"cgroups", Level::ok, "Control groups v1.", ""};
    case Cgroups::hybrid: return {"cgroups", Level::ok, "Control groups v1, with v2 beside.", ""};
    case Cgroups::v2:
      return {"cgroups", Level::warning,
              "Control groups v2: leases should run, but this version was never tried on them.",
              "Rent a minute from yourself before you offer it to others."};
    case Cgroups::none: break;
  }
  return {"cgroups", Level::error, "There are no control groups: leases could not be bounded.",
          "Mount /sys/fs/cgroup, as systemd does."};
}

std::vector<Finding> judge_driver(const DriverFacts& facts) {
  if (!facts.problem.empty()) {
    return {{"driver", Level::error, facts.problem, facts.fix}};
  }
  if (facts.cards.empty()) {
    if (facts.allow_cpu) {
      return {{"driver", Level::ok, "No GPU: the processor is offered as the card 'cpu'.", ""}};
    }
    return {{"driver", Level::error, "There is no GPU on this machine that its driver shows.",
             "Install the NVIDIA driver, or set allow_cpu = true to offer the processor as the "
             "card 'cpu'."}};
  }
  return {{"driver", Level::ok,
           "NVIDIA driver " + (facts.version.empty() ? "of no known version" : facts.version) + ".",
           ""},
          judge_cuda(facts),
          judge_cards(facts)};
}

Finding judge_clock(std::optional<std::int64_t> ahead_ms) {
  if (!ahead_ms) {
    return {"clock", Level::warning, "The clock was not compared: no market answered.",
            "Name one with --market."};
  }
  const std::int64_t apart_ms = std::abs(*ahead_ms);
  const std::string text = "The clock is " + std::to_string(apart_ms / 1000) + " s " +
                           (*ahead_ms < 0 ? "behind" : "ahead of") + " the market's.";
  constexpr const char* kFix = "Let it be set: timedatectl set-ntp true, or install chrony.";
  if (apart_ms > kTooLateMs) return {"clock", Level::error, text, kFix};
  if (apart_ms > kLateMs) return {"clock", Level::warning, text, kFix};
  return {"clock", Level::ok, "The clock is the market's.", ""};
}

Finding judge_wallet(const std::string& address, std::optional<std::uint64_t> lamports) {
  if (!lamports) {
    return {"wallet", Level::warning, "What the wallet holds is not known: no node answered.",
            "Name one with --rpc."};
  }
  const std::string has = base::to_sol_text({*lamports});
  if (*lamports < kLeastWalletLamports) {
    return {"wallet", Level::error,
            "The wallet holds " + has + ": with under 0.001 SOL nobody can be quoted this host.",
            "Send 0.01 SOL to " + address + "."};
  }
  return {"wallet", Level::ok, "The wallet holds " + has + ".", ""};
}

Finding judge_disk_speed(std::optional<std::uint64_t> bytes_per_s) {
  if (!bytes_per_s) {
    return {"disk_speed", Level::warning, "The disk's speed could not be measured here.",
            "Put --state on a disk of its own: ext4 or XFS."};
  }
  const std::string speed = std::to_string(*bytes_per_s / 1'000'000) + " MB/s";
  if (*bytes_per_s < kSlowDisk) {
    return {"disk_speed", Level::warning,
            "The disk does " + speed + ": loading a model will take minutes.",
            "Put --state on an SSD."};
  }
  return {"disk_speed", Level::ok, "The disk does " + speed + ".", ""};
}

}  // namespace obelisk::host
