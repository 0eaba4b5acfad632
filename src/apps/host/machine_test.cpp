#include "apps/host/machine.hpp"

#include <gtest/gtest.h>

#include "apps/host/disk_speed.hpp"
#include "apps/host/listing.hpp"
#include "core/cards/catalogue.hpp"

namespace obelisk::host {
namespace {

class ScriptedGpus final : public ports::Gpus {
 public:
  base::Result<std::vector<ports::Gpu>> list() override { return gpus; }
  std::vector<ports::Gpu> gpus;
};

ports::Gpu gpu(const char* uuid, const char* name, std::uint64_t gib) {
  ports::Gpu out;
  out.uuid = uuid;
  out.name = name;
  out.memory_bytes = gib << 30;
  return out;
}

TEST(Machine, ReadsTheModelAndDropsControlCharacters) {
  EXPECT_EQ(cpu_model_of("processor\t: 0\nmodel name\t: AMD EPYC \x1b[31m7763\nmodel name\t: x\n"),
            "AMD EPYC [31m7763");
  EXPECT_EQ(cpu_model_of(""), "unknown processor");
  EXPECT_EQ(cpu_model_of("model name\t:"), "");
  EXPECT_EQ(cpu_model_of("model name : " + std::string(500, 'x')).size(), 96u);
}

// Real writes and reads; nothing is left behind, and no folder at all is no speed.
TEST(Machine, TheDiskIsMeasured) {
  const std::filesystem::path folder = ::testing::TempDir() + "/obelisk-disk-speed";
  std::filesystem::create_directories(folder);
  const auto speed = measure_disk(folder);
  if (speed) EXPECT_GT(*speed, 1'000'000U);
  EXPECT_TRUE(std::filesystem::is_empty(folder));
  EXPECT_FALSE(measure_disk(folder / "nothing"));
  std::filesystem::remove_all(folder);
}

TEST(Machine, WithoutAGpuTheProcessorIsOfferedOnlyIfTheOwnerSaysSo) {
  ScriptedGpus none;
  Machine machine{"AMD EPYC", 2000, 8ull << 30, 1ull << 40};
  const auto refused = cards_of(Config{}, machine, none);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::Code::missing_dependency);

  Config config;
  config.allow_cpu = true;
  const auto cards = cards_of(config, machine, none);
  ASSERT_TRUE(cards);
  ASSERT_EQ(cards->size(), 2u);
  EXPECT_EQ(cards->front().card, "cpu");
  EXPECT_EQ(cards->front().driver_name, "AMD EPYC");
  EXPECT_EQ(cards->front().memory_bytes, 0u);
  EXPECT_NE(cards->front().uuid, cards->back().uuid);
}

TEST(Machine, OnlyKnownCardsOfOneKindAreListed) {
  ScriptedGpus gpus;
  gpus.gpus = {gpu("GPU-1", "NVIDIA GeForce RTX 4090", 24), gpu("GPU-2", "NVIDIA A40", 48),
               gpu("GPU-3", "NVIDIA GeForce RTX 4090", 24)};
  Config config;
  config.allow_cpu = true;  // a machine with GPUs never offers its processor
  const auto cards = cards_of(config, Machine{}, gpus);
  ASSERT_TRUE(cards) << cards.error().message;
  ASSERT_EQ(cards->size(), 2u);
  EXPECT_EQ((*cards)[0].card, "rtx-4090");
  EXPECT_EQ((*cards)[1].uuid, "GPU-3");

  // A card that is cut into instances is no whole one.
  gpus.gpus[0].is_cut = true;
  EXPECT_EQ(cards_of(config, Machine{}, gpus)->front().uuid, "GPU-2");
  gpus.gpus.resize(1);
  const auto cut = cards_of(config, Machine{}, gpus);
  ASSERT_FALSE(cut);
  EXPECT_NE(cut.error().message.find("MIG"), std::string::npos);

  gpus.gpus = {gpu("GPU-9", "NVIDIA Quadro 600", 1)};
  const auto unknown = cards_of(config, Machine{}, gpus);
  ASSERT_FALSE(unknown);
  EXPECT_NE(unknown.error().message.find("Quadro"), std::string::npos);
}

TEST(Machine, InstancesOfACutCardAreListedAndTheCutCardIsNot) {
  ScriptedGpus gpus;
  gpus.gpus = {gpu("GPU-1", "NVIDIA H100 80GB HBM3", 80),
               gpu("MIG-1", "NVIDIA H100 80GB HBM3 MIG 3g.40gb", 39),
               gpu("MIG-2", "NVIDIA H100 80GB HBM3 MIG 3g.40gb", 39),
               gpu("MIG-3", "NVIDIA H100 80GB HBM3 MIG 1c.3g.40gb", 39)};
  gpus.gpus[0].is_cut = true;
  for (std::size_t i = 1; i < 4; ++i) gpus.gpus[i].parent_uuid = "GPU-1";
  const auto cards = cards_of(Config{}, Machine{}, gpus);
  ASSERT_TRUE(cards) << cards.error().message;
  ASSERT_EQ(cards->size(), 2u);
  EXPECT_EQ((*cards)[0].uuid, "MIG-1");
  EXPECT_EQ((*cards)[0].card, "mig-h100-sxm-3g.40gb");
  EXPECT_EQ((*cards)[1].uuid, "MIG-2");
  gpus.gpus = {gpus.gpus[0], gpus.gpus[3]};
  const auto unknown = cards_of(Config{}, Machine{}, gpus);
  ASSERT_FALSE(unknown);
  EXPECT_NE(unknown.error().message.find("1c.3g.40gb"), std::string::npos);
}

TEST(Machine, WhatTheDriverSaysIsReportedAndTheLeastOfTheListedCards) {
  ports::Gpu one = gpu("GPU-1", "NVIDIA GeForce RTX 4090", 24);
  one.driver_version = "550.54.15";
  one.cuda_version = 12'040;
  one.pcie_generation = 4;
  one.pcie_lanes = 16;
  one.nvlink_links = 0;
  one.power_limit_mw = 450'000;
  ports::Gpu two = one;
  two.uuid = "GPU-2";
  two.pcie_lanes = 8;
  two.power_limit_mw = std::nullopt;  // one that does not say leaves it unknown for all
  ports::Gpu other = one;
  other.uuid = "GPU-3";  // not listed
  other.pcie_generation = 3;
  api::Listing listing;
  listing.cards = {{"GPU-1", "rtx-4090", "", 0}, {"GPU-2", "rtx-4090", "", 0}};
  add_reported(listing, {"AMD EPYC", 2000, 1, 1}, {one, two, other});
  EXPECT_EQ(listing.cpu_name, "AMD EPYC");
  EXPECT_EQ(listing.driver_version, "550.54.15");
  EXPECT_EQ(listing.cuda_version, 12'040u);
  EXPECT_EQ(listing.pcie_generation, 4u);
  EXPECT_EQ(listing.pcie_lanes, 8u);
  EXPECT_EQ(listing.nvlink_links, 0u);
  EXPECT_FALSE(listing.power_limit_mw);

  api::Listing bare;
  add_reported(bare, {std::string(kUnknownProcessor), 2000, 1, 1}, {});
  EXPECT_FALSE(bare.cpu_name || bare.driver_version || bare.cuda_version || bare.pcie_lanes);
}

}  // namespace
}  // namespace obelisk::host
