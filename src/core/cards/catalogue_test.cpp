#include "core/cards/catalogue.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace obelisk::cards {
namespace {

TEST(Catalogue, HasEveryCardThatWasPromised) {
  for (const char* id : {"a40", "rtx-3090", "rtx-4090", "rtx-5090", "l4", "l40s", "a100-40gb",
                         "a100-80gb", "h100-pcie", "h100-sxm", "h200", "b200", "cpu"}) {
    const Card* card = find_card(id);
    ASSERT_NE(card, nullptr) << id;
    EXPECT_EQ(card->id, id);
    EXPECT_NE(known_ids().find(id), std::string::npos);
  }
  EXPECT_EQ(find_card("rtx-4091"), nullptr);
  EXPECT_EQ(find_card(""), nullptr);
  EXPECT_EQ(find_card("A40"), nullptr);
}

TEST(Catalogue, EveryRowIsWholeAndItsOwn) {
  std::set<std::string_view> ids;
  std::set<std::string_view> names;
  for (const Card& card : catalogue()) {
    EXPECT_TRUE(ids.insert(card.id).second) << card.id;
    EXPECT_TRUE(names.insert(card.name).second) << card.name;
    EXPECT_LE(card.id.size(), 40u);
    EXPECT_LE(card.name.size(), 80u);
    EXPECT_FALSE(card.source.empty()) << card.id;
    if (card.id == kCpuId) continue;
    EXPECT_FALSE(card.driver_names[0].empty()) << card.id;
    EXPECT_GT(card.memory_gib, 0u) << card.id;
    // No card of these generations moves less than 0.3 or more than 10 TB/s, and each needs more
    // operations than bytes to be busy: a slipped digit would fail here.
    EXPECT_GE(card.bandwidth_gb_per_s, card.part_of.empty() ? 300u : 190u) << card.id;
    EXPECT_LE(card.bandwidth_gb_per_s, 10'000u) << card.id;
    EXPECT_GT(card.fp16_gflops, 50 * card.bandwidth_gb_per_s) << card.id;
    EXPECT_LT(card.fp16_gflops, 500 * card.bandwidth_gb_per_s) << card.id;
    EXPECT_GE(card.compute_capability, 80u) << card.id;
  }
}

TEST(Catalogue, InstancesAreSharesOfTheirCard) {
  std::size_t parts = 0;
  for (const Card& card : catalogue()) {
    EXPECT_EQ(card.part_of.empty(), !card.id.starts_with("mig-")) << card.id;
    if (card.part_of.empty()) continue;
    ++parts;
    const Card* whole = find_card(card.part_of);
    ASSERT_NE(whole, nullptr) << card.id;
    EXPECT_TRUE(whole->part_of.empty());
    EXPECT_TRUE(card.id.starts_with("mig-" + std::string(whole->id) + "-")) << card.id;
    const std::string profile(card.id.substr(whole->id.size() + 5));
    EXPECT_TRUE(card.name.ends_with(" MIG " + profile)) << card.id;
    EXPECT_EQ(card.driver_names[0], std::string(whole->driver_names[0]) + " MIG " + profile)
        << card.id;
    EXPECT_TRUE(profile.ends_with("g." + std::to_string(card.memory_gib) + "gb")) << card.id;
    EXPECT_EQ(std::uint64_t{card.bandwidth_gb_per_s},
              std::uint64_t{whole->bandwidth_gb_per_s} * card.memory_gib / whole->memory_gib);
    const auto sevenths = static_cast<std::uint32_t>(profile.front() - '0');
    EXPECT_EQ(card.fp16_gflops / sevenths, whole->fp16_gflops / 7) << card.id;
    EXPECT_EQ(card.compute_capability, whole->compute_capability);
    EXPECT_FALSE(card.list_micro_usd_per_hour);
  }
  EXPECT_EQ(parts, 20u);
  EXPECT_EQ(find_card("mig-h100-sxm-1g.10gb")->memory_gib, 10u);
  EXPECT_EQ(find_card("mig-h100-sxm-1g.10gb")->bandwidth_gb_per_s, 418u);
  EXPECT_EQ(find_card("mig-a100-40gb-3g.20gb")->memory_gib, 20u);
  EXPECT_EQ(catalogue().back().id, kCpuId);
  EXPECT_NE(known_ids().find("mig-"), std::string::npos);
}

TEST(Catalogue, FirstPricesAreThoseOfTheFrontPage) {
  EXPECT_EQ(find_card("a40")->list_micro_usd_per_hour, 880'000u);
  EXPECT_EQ(find_card("rtx-4090")->list_micro_usd_per_hour, 1'380'000u);
  for (const char* id : {"h100-pcie", "h100-sxm", "h200", "b200"}) {
    EXPECT_FALSE(find_card(id)->list_micro_usd_per_hour) << id;
  }
}

TEST(Catalogue, KnowsTheNamesDriversGive) {
  const struct {
    const char* driver;
    const char* id;
  } cases[] = {
      {"NVIDIA A40", "a40"},
      {"A40", "a40"},
      {"NVIDIA GeForce RTX 3090", "rtx-3090"},
      {"GeForce RTX 3090", "rtx-3090"},
      {"NVIDIA GeForce RTX 4090", "rtx-4090"},
      {"NVIDIA GeForce RTX 5090", "rtx-5090"},
      {"NVIDIA L4", "l4"},
      {"NVIDIA L40S", "l40s"},
      {"NVIDIA A100-PCIE-40GB", "a100-40gb"},
      {"A100-PCIE-40GB", "a100-40gb"},
      {"NVIDIA A100-SXM4-80GB", "a100-80gb"},
      {"NVIDIA H100 PCIe", "h100-pcie"},
      {"NVIDIA H100 80GB HBM3", "h100-sxm"},
      {"NVIDIA H200", "h200"},
      {"NVIDIA B200", "b200"},
      {"NVIDIA A100-SXM4-80GB MIG 3g.40gb", "mig-a100-80gb-3g.40gb"},
      {"NVIDIA H100 80GB HBM3 MIG 1g.10gb", "mig-h100-sxm-1g.10gb"},
  };
  for (const auto& c : cases) {
    const Card* card = match_driver_name(c.driver);
    ASSERT_NE(card, nullptr) << c.driver;
    EXPECT_EQ(card->id, c.id);
  }
}

TEST(Catalogue, ACardThatOnlyLooksAlikeIsNone) {
  for (const char* driver : {"",
                             "NVIDIA ",
                             "NVIDIA",
                             "NVIDIA GeForce RTX 4090 D",
                             "NVIDIA GeForce RTX 4090 Laptop GPU",
                             "NVIDIA GeForce RTX 3090 Ti",
                             "NVIDIA L40",
                             "NVIDIA L4 ",
                             "NVIDIA A40-48Q",
                             "NVIDIA A4000",
                             "NVIDIA A100 80GB PCIe",
                             "NVIDIA A100-SXM4-40GB",
                             "NVIDIA H100 NVL",
                             "NVIDIA H200 NVL",
                             "NVIDIA H100 80GB HBM3 MIG 1c.3g.40gb",
                             "NVIDIA H100 80GB HBM3 MIG",
                             "NVIDIA NVIDIA A40",
                             "nvidia a40",
                             "cpu",
                             "CPU only"}) {
    EXPECT_EQ(match_driver_name(driver), nullptr) << driver;
  }
}

TEST(Catalogue, MemoryMayBeALittleLessThanStatedAndNeverMore) {
  // What nvidia-smi shows in MiB, with ECC where it is on by default.
  const struct {
    const char* id;
    std::uint64_t mib;
  } real[] = {{"a40", 46'068},
              {"rtx-3090", 24'576},
              {"rtx-4090", 24'564},
              {"rtx-5090", 32'607},
              {"l4", 23'034},
              {"l40s", 46'068},
              {"a100-40gb", 40'960},
              {"a100-80gb", 81'920},
              {"h100-sxm", 81'559},
              {"h200", 143'771},
              {"b200", 183'359},
              // What NVIDIA's guide shows of instances, in GiB: 4.75, 19.5, 9.62, 39.25, 79.00.
              {"mig-a100-40gb-1g.5gb", 4'864},
              {"mig-a100-80gb-2g.20gb", 19'968},
              {"mig-h100-sxm-1g.10gb", 9'856},
              {"mig-a100-80gb-3g.40gb", 40'192},
              {"mig-h100-pcie-7g.80gb", 80'896}};
  for (const auto& r : real) {
    EXPECT_TRUE(plausible_memory(*find_card(r.id), r.mib << 20)) << r.id;
  }
  const Card& a40 = *find_card("a40");
  EXPECT_FALSE(plausible_memory(a40, a40.memory_bytes() + 1));
  EXPECT_FALSE(plausible_memory(a40, std::uint64_t{24} << 30));
  EXPECT_FALSE(plausible_memory(a40, 0));
  EXPECT_TRUE(plausible_memory(*find_card(kCpuId), 0));
}

}  // namespace
}  // namespace obelisk::cards
