#include "core/host/cdi.hpp"

#include <gtest/gtest.h>

namespace obelisk::host {
namespace {

constexpr const char* kFirst = "GPU-1c8f2d3e-0000-1111-2222-333344445555";

TEST(Cdi, TheTextIsWhatPodmanReads) {
  const CdiDriver driver{{"/dev/nvidiactl"}, {{"/lib/x/libcuda.so.550.1", "/lib/libcuda.so.1"}}};
  EXPECT_EQ(
      cdi_text(driver, {{kFirst, {"/dev/nvidia0"}}}),
      R"({"cdiVersion":"0.5.0","containerEdits":{"deviceNodes":[{"path":"/dev/nvidiactl"}],)"
      R"("env":["NVIDIA_VISIBLE_DEVICES=void"],"mounts":[{"containerPath":"/lib/libcuda.so.1",)"
      R"("hostPath":"/lib/x/libcuda.so.550.1","options":["ro","nosuid","nodev","bind"]}]},)"
      R"("devices":[{"containerEdits":{"deviceNodes":[{"path":"/dev/nvidia0"}]},)"
      R"("name":"GPU-1c8f2d3e-0000-1111-2222-333344445555"}],"kind":"nvidia.com/gpu"})");
}

TEST(Cdi, SeesWhichCardsSomebodyElsesTextNames) {
  const std::string ours = cdi_text({}, {{kFirst, {}}});
  EXPECT_TRUE(cdi_names(ours, kFirst));
  const std::string yaml =
      std::string("devices:\n- containerEdits:\n    deviceNodes: []\n  name: ") + kFirst +
      "\nkind: nvidia.com/gpu\n";
  EXPECT_TRUE(cdi_names(yaml, kFirst));
  EXPECT_TRUE(cdi_names(std::string("name: \"") + kFirst + "\"", kFirst));
  EXPECT_FALSE(cdi_names(yaml, "GPU-1c8f2d3e-0000-1111-2222-33334444555"));
  EXPECT_FALSE(cdi_names(std::string("path: /proc/") + kFirst, kFirst));
  EXPECT_FALSE(cdi_names("name: all\nname: \"0\"", kFirst));
  EXPECT_FALSE(cdi_names("", kFirst));
}

TEST(Cdi, SeesWhichFilesItNeeds) {
  const std::vector<std::string> wanted{"/usr/lib/libcuda.so.550.1"};
  EXPECT_EQ(cdi_host_paths("  mounts:\n  - hostPath: /usr/lib/libcuda.so.550.1\n    x: y"), wanted);
  EXPECT_EQ(cdi_host_paths(R"({"hostPath":"/usr/lib/libcuda.so.550.1","containerPath":"/a"})"),
            wanted);
  EXPECT_TRUE(cdi_host_paths("hostPath").empty());
  EXPECT_TRUE(cdi_host_paths("hostPath: relative").empty());
}

TEST(Cdi, TakesTheRunningDriversLibrariesAndNoScreens) {
  EXPECT_TRUE(is_compute_library("libcuda.so.550.54.15", "550.54.15"));
  EXPECT_TRUE(is_compute_library("libnvidia-ml.so.550.54.15", "550.54.15"));
  EXPECT_FALSE(is_compute_library("libcuda.so.535.1", "550.54.15"));
  EXPECT_FALSE(is_compute_library("libcuda.so.1", "550.54.15"));
  EXPECT_FALSE(is_compute_library("libnvidia-glcore.so.550.54.15", "550.54.15"));
  EXPECT_FALSE(is_compute_library("libcuda.so.", ""));
}

}  // namespace
}  // namespace obelisk::host
