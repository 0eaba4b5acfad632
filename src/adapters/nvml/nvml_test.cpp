// Through the real path: dlopen, dlsym, the C functions of a shared library.
#include "adapters/nvml/nvml_abi.hpp"
#include "adapters/nvml/testing.hpp"

namespace obelisk::nvml {
namespace {

using Nvml = Scripted;

TEST_F(Nvml, DescribesACardWhole) {
  script("driver 555.42.02\ncuda 12050\n" + std::string(kH100) + " process=4242\n");
  auto found = cards();
  ASSERT_EQ(found.size(), 1u);
  const ports::Gpu& gpu = found[0];
  EXPECT_EQ(gpu.name, "NVIDIA H100 80GB HBM3");
  EXPECT_TRUE(gpu.uuid.starts_with("GPU-51301a7e-")) << gpu.uuid;
  EXPECT_EQ(gpu.memory_bytes, 81559ULL << 20);
  EXPECT_EQ(gpu.pci_bus_id, "00000000:01:00.0");
  EXPECT_EQ(gpu.driver_version, "555.42.02");
  EXPECT_EQ(gpu.cuda_version, 12050);
  EXPECT_EQ(gpu.compute_capability, 90);
  EXPECT_EQ(gpu.max_sm_mhz, 1980u);
  EXPECT_EQ(gpu.max_memory_mhz, 2619u);
  EXPECT_EQ(gpu.memory_bus_bits, 5120u);
  EXPECT_EQ(gpu.power_limit_mw, 700000u);
  EXPECT_EQ(gpu.pcie_generation, 5u);
  EXPECT_EQ(gpu.pcie_lanes, 16u);
  EXPECT_EQ(gpu.nvlink_links, 18u);
  EXPECT_EQ(gpu.processes, std::vector<int>{4242});
}

TEST_F(Nvml, ScriptedCardsAlwaysSaySimulated) {
  script(kH100);
  ASSERT_EQ(cards().size(), 1u);
  EXPECT_TRUE(cards()[0].simulated);
  EXPECT_TRUE(cards(NVML_MINIMAL)[0].simulated);
}

TEST_F(Nvml, CardsOfOneLineDifferAndSeedsDiffer) {
  script("card name=\"NVIDIA A40\" memory_mib=46068 count=3 seed=1\n");
  auto first = cards();
  ASSERT_EQ(first.size(), 3u);
  EXPECT_NE(first[0].uuid, first[1].uuid);
  EXPECT_NE(first[0].pci_bus_id, first[2].pci_bus_id);
  script("card name=\"NVIDIA A40\" memory_mib=46068 count=3 seed=2\n");
  EXPECT_NE(cards()[0].uuid, first[0].uuid);
}

TEST_F(Nvml, NoLibraryMeansNoCards) { EXPECT_TRUE(cards("libobelisk-is-not-there.so.1").empty()); }

TEST_F(Nvml, ALibraryNamedByPathMustBeThere) {
  NvmlGpus gpus({.library = "/nonexistent/libnvidia-ml.so.1", .log = {}});
  auto listed = gpus.list();
  ASSERT_FALSE(listed.ok());
  EXPECT_EQ(listed.error().code, base::Code::not_found);
}

TEST_F(Nvml, NoCardsIsAnAnswer) {
  script("driver 550.54.15\n");
  EXPECT_TRUE(cards().empty());
}

TEST_F(Nvml, AnOldDriverMeansFewerFigures) {
  script(kH100);
  auto found = cards(NVML_MINIMAL);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].name, "NVIDIA H100 80GB HBM3");
  EXPECT_EQ(found[0].cuda_version, 0);
  EXPECT_FALSE(found[0].compute_capability.has_value());
  EXPECT_FALSE(found[0].max_sm_mhz.has_value());
  EXPECT_FALSE(found[0].pcie_lanes.has_value());
  EXPECT_TRUE(found[0].processes.empty());
}

TEST_F(Nvml, AFunctionThatFailsMeansOneFigureLess) {
  script(std::string(kH100) + "\nfail nvmlDeviceGetMemoryBusWidth 3\n");
  auto found = cards();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_FALSE(found[0].memory_bus_bits.has_value());
  EXPECT_EQ(found[0].pcie_lanes, 16u);
}

TEST_F(Nvml, ALostCardIsLeftOutAndTheOthersStay) {
  script(std::string(kH100) + " lost=1\n" + kH100 + "\n");
  auto found = cards();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].pci_bus_id, "00000000:02:00.0");
}

TEST_F(Nvml, ACardThatFallsOffBetweenTwoLooks) {
  script(std::string(kH100) + " count=2\n");
  NvmlGpus gpus({.library = NVML_SCRIPTED, .log = {}});
  EXPECT_EQ(gpus.list()->size(), 2u);
  script(kH100);
  EXPECT_EQ(gpus.list()->size(), 1u);
}

TEST_F(Nvml, ADriverThatDoesNotStartIsAnErrorThatSaysWhatToDo) {
  script("fail nvmlInit_v2 18\n");
  NvmlGpus gpus({.library = NVML_SCRIPTED, .log = {}});
  auto listed = gpus.list();
  ASSERT_FALSE(listed.ok());
  EXPECT_EQ(listed.error().code, base::Code::missing_dependency);
  EXPECT_NE(listed.error().message.find("different versions"), std::string::npos);
  EXPECT_NE(listed.error().action.find("nvidia-smi"), std::string::npos);
}

TEST_F(Nvml, ADriverThatComesBackIsFoundAgain) {
  script("fail nvmlDeviceGetCount_v2 999\n");
  NvmlGpus gpus({.library = NVML_SCRIPTED, .log = {}});
  EXPECT_FALSE(gpus.list().ok());
  script(kH100);
  auto again = gpus.list();
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->size(), 1u);
}

TEST_F(Nvml, StringsAreCleaned) {
  script("driver 55\x1b[2J0\ncard name=\" NVIDIA\x01\x7f\xc3\xa9 A40 \" memory_mib=1\n");
  auto found = cards();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].name, "NVIDIA A40");
  EXPECT_EQ(found[0].driver_version, "55[2J0");
}

TEST_F(Nvml, ACardWithAForeignUuidIsLeftOut) {
  script(
      "card name=\"NVIDIA A40\" memory_mib=1 uuid=\"GPU-1;rm\"\n"
      "card name=\"NVIDIA A40\" memory_mib=1 uuid=MIG-1\n"
      "card name=\"\" memory_mib=1\ncard name=\"NVIDIA A40\" memory_mib=0\n");
  EXPECT_TRUE(cards().empty());
}

TEST_F(Nvml, ACutCardIsKnownAsOne) {
  script("card name=\"NVIDIA A40\" memory_mib=1\ncard name=\"NVIDIA A40\" memory_mib=1 mig=1\n");
  const auto found = cards();
  ASSERT_EQ(found.size(), 2u);
  EXPECT_FALSE(found[0].is_cut);
  EXPECT_TRUE(found[1].is_cut);
}

TEST_F(Nvml, ANameLongerThanItsBufferLeavesTheCardOut) {
  script("card name=\"" + std::string(500, 'x') + "\" memory_mib=1\n");
  EXPECT_TRUE(cards().empty());
}

// Such a library writes past the room it was given.
TEST_F(Nvml, ALibraryThatLiesAboutItsTextsIsCutOff) {
  script("driver " + std::string(4096, '5') + "\ncard name=\"NVIDIA A40" + std::string(4096, 'x') +
         "\" memory_mib=1\ncard name=\"NVIDIA A40\" memory_mib=1 uuid=GPU-" +
         std::string(4096, 'a') +
         "\nlie nvmlDeviceGetName\nlie nvmlDeviceGetUUID\nlie nvmlSystemGetDriverVersion\n");
  const auto found = cards();
  ASSERT_EQ(found.size(), 1u) << "a name of 4 kB is cut, a UUID of 4 kB is none";
  EXPECT_EQ(found[0].name.size(), kNameBytes - 1);
  EXPECT_EQ(found[0].driver_version, std::string(kDriverVersionBytes - 1, '5'));
}

TEST_F(Nvml, CardsOfSeveralKinds) {
  script(
      "card name=\"NVIDIA A40\" memory_mib=46068 capability=86 nvlinks=4\n"
      "card name=\"NVIDIA GeForce RTX 4090\" memory_mib=24564 capability=89\n" +
      std::string(kH100) + " count=2\n");
  const auto found = cards();
  ASSERT_EQ(found.size(), 4u);
  EXPECT_EQ(found[0].nvlink_links, 4u);
  EXPECT_EQ(found[1].name, "NVIDIA GeForce RTX 4090");
  EXPECT_EQ(found[1].nvlink_links, 0u);
  EXPECT_EQ(found[2].nvlink_links, 18u);
  EXPECT_NE(found[2].uuid, found[3].uuid);
}

TEST_F(Nvml, AScriptThatCannotBeReadFailsLoudly) {
  for (const char* text : {"card name=\"A\" memory_mib=x\n", "cards\n", "card nonsense=1\n"}) {
    script(text);
    NvmlGpus gpus({.library = NVML_SCRIPTED, .log = {}});
    EXPECT_FALSE(gpus.list().ok()) << text;
  }
}

}  // namespace
}  // namespace obelisk::nvml
