// Parts: the kinds of instances that NVIDIA's MIG cuts our cards into. The shares are of NVIDIA's
// MIG User Guide ("Supported MIG Profiles"): eighths of the memory and of its bandwidth, sevenths
// of the processors. Ids begin with "mig-", so that a search for "h100*" finds whole cards alone.
// No first price: a host says.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "core/cards/catalogue.hpp"

namespace obelisk::cards {

struct Part {
  std::string_view id;
  std::string_view name;
  std::string_view driver_name;  // as our NVML adapter says it: "<card> MIG <profile>"
  std::string_view part_of;
  std::uint32_t memory_eighths = 0;
  std::uint32_t processor_sevenths = 0;
};

inline constexpr std::array kPartKinds{
    Part{"mig-a100-40gb-1g.5gb", "A100 40 GB PCIe MIG 1g.5gb", "A100-PCIE-40GB MIG 1g.5gb",
         "a100-40gb", 1, 1},
    Part{"mig-a100-40gb-2g.10gb", "A100 40 GB PCIe MIG 2g.10gb", "A100-PCIE-40GB MIG 2g.10gb",
         "a100-40gb", 2, 2},
    Part{"mig-a100-40gb-3g.20gb", "A100 40 GB PCIe MIG 3g.20gb", "A100-PCIE-40GB MIG 3g.20gb",
         "a100-40gb", 4, 3},
    Part{"mig-a100-40gb-4g.20gb", "A100 40 GB PCIe MIG 4g.20gb", "A100-PCIE-40GB MIG 4g.20gb",
         "a100-40gb", 4, 4},
    Part{"mig-a100-40gb-7g.40gb", "A100 40 GB PCIe MIG 7g.40gb", "A100-PCIE-40GB MIG 7g.40gb",
         "a100-40gb", 8, 7},
    Part{"mig-a100-80gb-1g.10gb", "A100 80 GB SXM MIG 1g.10gb", "A100-SXM4-80GB MIG 1g.10gb",
         "a100-80gb", 1, 1},
    Part{"mig-a100-80gb-2g.20gb", "A100 80 GB SXM MIG 2g.20gb", "A100-SXM4-80GB MIG 2g.20gb",
         "a100-80gb", 2, 2},
    Part{"mig-a100-80gb-3g.40gb", "A100 80 GB SXM MIG 3g.40gb", "A100-SXM4-80GB MIG 3g.40gb",
         "a100-80gb", 4, 3},
    Part{"mig-a100-80gb-4g.40gb", "A100 80 GB SXM MIG 4g.40gb", "A100-SXM4-80GB MIG 4g.40gb",
         "a100-80gb", 4, 4},
    Part{"mig-a100-80gb-7g.80gb", "A100 80 GB SXM MIG 7g.80gb", "A100-SXM4-80GB MIG 7g.80gb",
         "a100-80gb", 8, 7},
    Part{"mig-h100-pcie-1g.10gb", "H100 PCIe MIG 1g.10gb", "H100 PCIe MIG 1g.10gb", "h100-pcie", 1,
         1},
    Part{"mig-h100-pcie-2g.20gb", "H100 PCIe MIG 2g.20gb", "H100 PCIe MIG 2g.20gb", "h100-pcie", 2,
         2},
    Part{"mig-h100-pcie-3g.40gb", "H100 PCIe MIG 3g.40gb", "H100 PCIe MIG 3g.40gb", "h100-pcie", 4,
         3},
    Part{"mig-h100-pcie-4g.40gb", "H100 PCIe MIG 4g.40gb", "H100 PCIe MIG 4g.40gb", "h100-pcie", 4,
         4},
    Part{"mig-h100-pcie-7g.80gb", "H100 PCIe MIG 7g.80gb", "H100 PCIe MIG 7g.80gb", "h100-pcie", 8,
         7},
    Part{"mig-h100-sxm-1g.10gb", "H100 SXM MIG 1g.10gb", "H100 80GB HBM3 MIG 1g.10gb", "h100-sxm",
         1, 1},
    Part{"mig-h100-sxm-2g.20gb", "H100 SXM MIG 2g.20gb", "H100 80GB HBM3 MIG 2g.20gb", "h100-sxm",
         2, 2},
    Part{"mig-h100-sxm-3g.40gb", "H100 SXM MIG 3g.40gb", "H100 80GB HBM3 MIG 3g.40gb", "h100-sxm",
         4, 3},
    Part{"mig-h100-sxm-4g.40gb", "H100 SXM MIG 4g.40gb", "H100 80GB HBM3 MIG 4g.40gb", "h100-sxm",
         4, 4},
    Part{"mig-h100-sxm-7g.80gb", "H100 SXM MIG 7g.80gb", "H100 80GB HBM3 MIG 7g.80gb", "h100-sxm",
         8, 7},
};

// The kinds above as rows of the catalogue. Each must be of a card in `whole`.
inline std::array<Card, kPartKinds.size()> parts_of(std::span<const Card> whole) {
  std::array<Card, kPartKinds.size()> out{};
  for (std::size_t i = 0; i < out.size(); ++i) {
    const Part& part = kPartKinds[i];
    for (const Card& card : whole) {
      if (card.id != part.part_of) continue;
      out[i] = card;
      out[i].id = part.id;
      out[i].name = part.name;
      out[i].driver_names[0] = part.driver_name;
      out[i].driver_names[1] = "";
      out[i].memory_gib = card.memory_gib * part.memory_eighths / 8;
      out[i].bandwidth_gb_per_s = card.bandwidth_gb_per_s * part.memory_eighths / 8;
      out[i].fp16_gflops = card.fp16_gflops / 7 * part.processor_sevenths;
      out[i].source = "NVIDIA MIG User Guide, supported profiles, and the data sheet of the card";
      out[i].list_micro_usd_per_hour = std::nullopt;
      out[i].part_of = card.id;
    }
  }
  return out;
}

}  // namespace obelisk::cards
