#include "core/cards/catalogue.hpp"

#include <algorithm>
#include <array>

#include "core/cards/parts.hpp"

namespace obelisk::cards {
namespace {

// Where a data sheet states the sparse rate only, half of it stands here: all say the ratio is two.
// GeForce rates are those with FP32 sums, as the training of models needs them.
constexpr std::array kWhole{
    Card{"rtx-3090",
         "RTX 3090",
         {"GeForce RTX 3090", ""},
         24,
         936,
         71'000,
         86,
         "NVIDIA Ampere GA102 GPU Architecture whitepaper, v2.1",
         690'000},
    Card{"l4",
         "L4",
         {"L4", ""},
         24,
         300,
         121'000,
         89,
         "NVIDIA L4 Tensor Core GPU data sheet",
         790'000},
    Card{"a40", "A40", {"A40", ""}, 48, 696, 149'700, 86, "NVIDIA A40 GPU data sheet", 880'000},
    Card{"rtx-4090",
         "RTX 4090",
         {"GeForce RTX 4090", ""},
         24,
         1008,
         165'200,
         89,
         "NVIDIA Ada GPU Architecture whitepaper, v2.1",
         1'380'000},
    Card{"l40s",
         "L40S",
         {"L40S", ""},
         48,
         864,
         362'050,
         89,
         "NVIDIA L40S GPU data sheet",
         1'690'000},
    Card{"rtx-5090",
         "RTX 5090",
         {"GeForce RTX 5090", ""},
         32,
         1792,
         209'500,
         120,
         "NVIDIA RTX Blackwell GPU Architecture whitepaper, v1.1",
         1'790'000},
    Card{"a100-40gb",
         "A100 40 GB PCIe",
         {"A100-PCIE-40GB", ""},
         40,
         1555,
         312'000,
         80,
         "NVIDIA A100 Tensor Core GPU data sheet",
         1'790'000},
    Card{"a100-80gb",
         "A100 80 GB SXM",
         {"A100-SXM4-80GB", ""},
         80,
         2039,
         312'000,
         80,
         "NVIDIA A100 Tensor Core GPU data sheet",
         2'290'000},
    Card{"h100-pcie",
         "H100 PCIe",
         {"H100 PCIe", ""},
         80,
         2000,
         756'500,
         90,
         "NVIDIA H100 Tensor Core GPU data sheet",
         std::nullopt},
    Card{"h100-sxm",
         "H100 SXM",
         {"H100 80GB HBM3", ""},
         80,
         3350,
         989'500,
         90,
         "NVIDIA H100 Tensor Core GPU data sheet",
         std::nullopt},
    Card{"h200",
         "H200 SXM",
         {"H200", ""},
         141,
         4800,
         989'500,
         90,
         "NVIDIA H200 Tensor Core GPU data sheet",
         std::nullopt},
    Card{"b200",
         "B200",
         {"B200", ""},
         180,
         8000,
         2'250'000,
         100,
         "NVIDIA DGX B200 data sheet, an eighth of the system",
         std::nullopt},
};

constexpr Card kCpu = {kCpuId,   "CPU only",
                       {"", ""}, 0,
                       0,        0,
                       0,        "No card: processor cores and memory, and a claim to nothing else",
                       100'000};

using Table = std::array<Card, kWhole.size() + kPartKinds.size() + 1>;

Table make_table() {
  Table out{};
  const auto parts = parts_of(kWhole);
  const auto after = std::ranges::copy(kWhole, out.begin()).out;
  *std::ranges::copy(parts, after).out = kCpu;
  return out;
}

const Table& table() {
  static const Table all = make_table();
  return all;
}

}  // namespace

std::span<const Card> catalogue() { return table(); }

const Card* find_card(std::string_view id) {
  for (const Card& card : table()) {
    if (card.id == id) return &card;
  }
  return nullptr;
}

const Card* match_driver_name(std::string_view driver_name) {
  constexpr std::string_view kMaker = "NVIDIA ";
  if (driver_name.starts_with(kMaker)) driver_name.remove_prefix(kMaker.size());
  if (driver_name.empty()) return nullptr;
  for (const Card& card : table()) {
    for (const std::string_view known : card.driver_names) {
      if (known == driver_name) return &card;
    }
  }
  return nullptr;
}

bool plausible_memory(const Card& card, std::uint64_t memory_bytes) {
  const std::uint64_t stated = card.memory_bytes();
  return stated == 0 || (memory_bytes <= stated && memory_bytes >= stated / 100 * 92);
}

std::string known_ids() {
  std::string out;
  for (const Card& card : table()) {
    if (!card.part_of.empty()) continue;
    out += std::string(card.id) + ", ";
  }
  return out + "or an instance of a cut card, for example " + std::string(kPartKinds.back().id);
}

}  // namespace obelisk::cards
