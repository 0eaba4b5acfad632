// Instances in a container, with a /proc and a /dev of files.
#include "adapters/podman/mig_nodes.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "adapters/podman/gpu_nodes.hpp"
#include "adapters/podman/testing.hpp"

namespace obelisk::podman {
namespace {

namespace fs = std::filesystem;

// Process 7 of a machine; its cards are cut as the test says.
class MigNodes : public ::testing::Test {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "device nodes need root; this is not root";
    fs::create_directories(caps_);
    add_node("nvidiactl");
  }
  void add_node(const std::string& name) const {
    ASSERT_EQ(::mknod((dev_ + "/" + name).c_str(), S_IFCHR | 0600, makedev(1, 3)), 0);
  }
  void add_cap(int number) const { add_node("nvidia-caps/nvidia-cap" + std::to_string(number)); }
  // The driver's: node `number` is the GPU instance's, the next its compute instance's.
  void cut(const std::string& minor, const std::string& gpu_instance, int number) const {
    const fs::path dir =
        folder_.path() + "/driver/nvidia/capabilities/gpu" + minor + "/mig/gi" + gpu_instance;
    fs::create_directories(dir / "ci0");
    std::ofstream(dir / "access") << "DeviceFileMinor: " << number << "\n";
    std::ofstream(dir / "ci0" / "access") << "DeviceFileMinor: " << number + 1 << "\n";
  }
  bool is_right(const std::vector<std::string>& uuids) const {
    return verify_gpus(7, uuids, folder_.path()).ok();
  }

  testing::Directory folder_;
  std::string dev_ = folder_.path() + "/7/root/dev";
  std::string caps_ = dev_ + "/nvidia-caps";
};

TEST_F(MigNodes, TheInstancesInAContainerAreCompared) {
  cut("0", "1", 21);
  cut("0", "9", 84);
  cut("1", "1", 120);
  add_node("nvidia0");
  EXPECT_FALSE(is_right({"MIG-a"})) << "none is there";
  add_cap(21);
  EXPECT_FALSE(is_right({"MIG-a"})) << "half of one is there";
  add_cap(22);
  EXPECT_TRUE(is_right({"MIG-a"}));
  EXPECT_FALSE(is_right({"MIG-a", "MIG-b"}));
  EXPECT_FALSE(is_right({"GPU-a", "GPU-b"}));
  add_cap(84);
  EXPECT_FALSE(is_right({"MIG-a"})) << "part of another's";
  add_cap(85);
  EXPECT_FALSE(is_right({"MIG-a"}));
  EXPECT_TRUE(is_right({"MIG-a", "MIG-b"}));
  add_cap(120);
  add_cap(121);
  EXPECT_FALSE(is_right({"MIG-a", "MIG-b", "MIG-c"})) << "without its card's node";
  add_node("nvidia1");
  EXPECT_TRUE(is_right({"MIG-a", "MIG-b", "MIG-c"}));
}

TEST_F(MigNodes, ACardThatNobodyCutForItIsSeen) {
  cut("0", "1", 21);
  add_node("nvidia0");
  add_node("nvidia1");
  add_cap(21);
  add_cap(22);
  EXPECT_FALSE(is_right({"MIG-a"})) << "a whole card is no present";
  fs::remove(dev_ + "/nvidia1");
  add_cap(2);  // lets who has it look at all instances
  EXPECT_FALSE(is_right({"MIG-a"}));
}

TEST_F(MigNodes, WithoutTheDriversWordOnlyTheNumberIsCompared) {
  add_node("nvidia0");
  add_cap(21);
  EXPECT_FALSE(is_right({"MIG-a"}));
  add_cap(22);
  EXPECT_TRUE(is_right({"MIG-a"}));
  EXPECT_FALSE(is_right({"MIG-a", "MIG-b"}));
}

TEST_F(MigNodes, AFileThatSaysNothingIsNoCapability) {
  cut("0", "1", 21);
  for (const char* text :
       {"", "DeviceFileMinor:", "DeviceFileMinor: ../x\n", "DeviceFileMinor: -1\n"}) {
    std::ofstream(folder_.path() + "/driver/nvidia/capabilities/gpu0/mig/gi1/access") << text;
    EXPECT_EQ(mig_capabilities(folder_.path()).size(), 1u) << text;
    EXPECT_FALSE(mig_nodes({"0", 1, 0}, folder_.path(), dev_).ok()) << text;
  }
}

}  // namespace
}  // namespace obelisk::podman
