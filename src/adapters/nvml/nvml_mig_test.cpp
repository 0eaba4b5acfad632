// Cards that are cut into instances (MIG), through the functions of a shared library.
#include <map>

#include "adapters/nvml/nvml_monitor.hpp"
#include "adapters/nvml/testing.hpp"

namespace obelisk::nvml {
namespace {

using namespace std::chrono_literals;
using Mig = Scripted;

constexpr const char* kCut =
    "card name=\"NVIDIA H100 80GB HBM3\" memory_mib=81559 capability=90 power_mw=700000 "
    "pcie_generation=5 pcie_lanes=16 nvlinks=18 temperature_c=55 busy=10 used_mib=100 "
    "instances=\"1g.10gb 1g.20gb 3g.40gb\"\n";

TEST_F(Mig, InstancesFollowTheCardTheyAreOf) {
  script(kCut + std::string(kH100));
  const auto found = cards();
  ASSERT_EQ(found.size(), 5u);
  EXPECT_TRUE(found[0].is_cut);
  EXPECT_EQ(found[0].parent_uuid, "");
  const std::vector<std::string> names{"1g.10gb", "1g.20gb", "3g.40gb"};
  for (std::size_t i = 0; i < names.size(); ++i) {
    const ports::Gpu& part = found[i + 1];
    EXPECT_EQ(part.name, "NVIDIA H100 80GB HBM3 MIG " + names[i]);
    EXPECT_TRUE(part.uuid.starts_with("MIG-")) << part.uuid;
    EXPECT_EQ(part.uuid.size(), 40u);
    EXPECT_EQ(part.parent_uuid, found[0].uuid);
    EXPECT_EQ(part.gpu_instance, i + 1);
    EXPECT_EQ(part.compute_instance, 0u);
    EXPECT_FALSE(part.is_cut);
    EXPECT_TRUE(part.simulated);
    EXPECT_EQ(part.compute_capability, 90);
    EXPECT_EQ(part.pcie_lanes, 16u);
    EXPECT_FALSE(part.power_limit_mw.has_value()) << "a limit of the whole card";
    EXPECT_FALSE(part.nvlink_links.has_value());
  }
  EXPECT_NE(found[1].uuid, found[2].uuid);
  EXPECT_LT(found[1].memory_bytes, 10ULL << 30);
  EXPECT_GT(found[3].memory_bytes, 38ULL << 30);
  EXPECT_FALSE(found[4].is_cut);
}

TEST_F(Mig, ProfilesAreNamedAsNvidiaNamesThem) {
  const struct {
    const char* memory_mib;
    const char* profile;
  } cases[] = {
      {"40960", "1g.5gb"},  {"40960", "1g.10gb"}, {"40960", "2g.10gb"}, {"40960", "3g.20gb"},
      {"40960", "4g.20gb"}, {"40960", "7g.40gb"}, {"81920", "1g.10gb"}, {"81920", "7g.80gb"},
      {"81559", "2g.20gb"}, {"81559", "7g.80gb"}, {"24576", "1g.6gb"},  {"143771", "1g.18gb"},
  };
  for (const auto& c : cases) {
    script(std::string("card name=\"NVIDIA X\" memory_mib=") + c.memory_mib +
           " instances=" + c.profile + "\n");
    const auto found = cards();
    ASSERT_EQ(found.size(), 2u) << c.profile;
    EXPECT_EQ(found[1].name, std::string("NVIDIA X MIG ") + c.profile);
  }
}

// Its memory is not its own: it must not pass for a whole instance.
TEST_F(Mig, AnInstanceThatIsSharedOutFurtherHasAnotherName) {
  script("card name=\"NVIDIA X\" memory_mib=81920 instances=\"1c.3g.40gb\"\n");
  EXPECT_EQ(cards().at(1).name, "NVIDIA X MIG 1c.3g.40gb");
}

TEST_F(Mig, WithoutTheFunctionsThereIsOnlyTheCutCard) {
  for (const char* function : {"nvmlDeviceGetMaxMigDeviceCount",
                               "nvmlDeviceGetMigDeviceHandleByIndex", "nvmlDeviceGetAttributes_v2",
                               "nvmlDeviceGetGpuInstanceId", "nvmlDeviceGetComputeInstanceId"}) {
    script(kCut + std::string("fail ") + function + " 3\n");
    const auto found = cards();
    ASSERT_EQ(found.size(), 1u) << function;
    EXPECT_TRUE(found[0].is_cut);
  }
  script(kCut);
  EXPECT_EQ(cards(NVML_MINIMAL).size(), 1u);
}

TEST_F(Mig, ALostCardTakesItsInstancesWithIt) {
  script("card name=\"NVIDIA X\" memory_mib=81920 instances=\"1g.10gb\" lost=1\n");
  EXPECT_TRUE(cards().empty());
}

TEST_F(Mig, AReadingIsOfTheCardAndTheMemoryOfTheInstance) {
  script(kCut);
  const std::string uuid = cards().at(1).uuid;
  NvmlMonitor monitor({.library = NVML_SCRIPTED, .log = {}});
  const auto now = monitor.read(uuid);
  ASSERT_TRUE(now.ok()) << now.error().message;
  EXPECT_FALSE(now->is_lost);
  EXPECT_EQ(now->temperature_c, 55u);
  EXPECT_EQ(now->memory_used_bytes, 100ULL << 20);
  EXPECT_TRUE(monitor.read("MIG-0")->is_lost) << "an instance that was removed";
}

TEST_F(Mig, AnEventIsOfTheInstanceItNames) {
  const std::string later = "event card=0 instance=1 xid=31\nevent card=0 xid=79\n";
  script(kCut + later);
  const auto found = cards();
  NvmlMonitor monitor({.library = NVML_SCRIPTED, .log = {}});
  const auto events = monitor.wait(2s);
  ASSERT_TRUE(events.ok());
  std::map<std::string, std::vector<std::uint32_t>> told;
  for (const auto& event : *events) told[event.uuid].push_back(event.xid);
  EXPECT_EQ(told, (std::map<std::string, std::vector<std::uint32_t>>{
                      {found[1].uuid, {79}}, {found[2].uuid, {31, 79}}, {found[3].uuid, {79}}}))
      << "what is of the whole card is of every instance";
}

TEST_F(Mig, AScriptedInstanceThatIsNoneFailsLoudly) {
  for (const char* text : {"1g", "g.10gb", "1g.10", "x"}) {
    script(std::string("card name=\"A\" memory_mib=1 instances=") + text + "\n");
    NvmlGpus gpus({.library = NVML_SCRIPTED, .log = {}});
    EXPECT_FALSE(gpus.list().ok()) << text;
  }
}

}  // namespace
}  // namespace obelisk::nvml
