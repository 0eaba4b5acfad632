#include "adapters/podman/cdi.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "adapters/podman/files.hpp"
#include "adapters/podman/testing.hpp"

namespace obelisk::podman {
namespace {

namespace fs = std::filesystem;
const std::string first_card = "GPU-00000000-0000-0000-0000-000000000001";
const std::string second_card = "GPU-00000000-0000-0000-0000-000000000002";

// A machine of files: two cards, a driver, and nothing in its folders for specifications.
class CdiTest : public ::testing::Test {
 protected:
  void SetUp() override {
    places.proc = root("proc");
    places.dev = root("dev");
    places.specifications = {root("etc"), root("run")};
    places.libraries = {root("none"), root("lib")};
    places.programs = root("bin");
    put("proc/driver/nvidia/gpus/0000:01:00.0/information",
        "GPU UUID: \t " + first_card + "\nDevice Minor: \t 0\n");
    put("proc/driver/nvidia/gpus/0000:02:00.0/information",
        "GPU UUID: \t " + second_card + "\nDevice Minor: \t 7\n");
    for (const char* node : {"dev/nvidia0", "dev/nvidia7", "dev/nvidiactl"}) put(node, "");
    put("lib/libcuda.so.550.1", "");
    put("lib/libnvidia-glcore.so.550.1", "");
    fs::create_symlink("libcuda.so.550.1", root("lib/libcuda.so.1"));
    put("bin/nvidia-smi", "");
    put("etc/notes.txt", first_card);
  }
  std::string root(const std::string& path) const { return folder.path() + "/" + path; }
  void put(const std::string& path, const std::string& text) const {
    fs::create_directories(fs::path(root(path)).parent_path());
    std::ofstream(root(path)) << text;
  }
  static ports::Gpu card(const std::string& uuid) {
    ports::Gpu out;
    out.uuid = uuid;
    out.driver_version = "550.1";
    return out;
  }
  // One of a cut card's instances, with the driver's two nodes for it.
  ports::Gpu instance(const std::string& uuid, unsigned gpu_instance, int node) const {
    ports::Gpu out = card(uuid);
    out.parent_uuid = second_card;
    out.gpu_instance = gpu_instance;
    const std::string of =
        "proc/driver/nvidia/capabilities/gpu7/mig/gi" + std::to_string(gpu_instance);
    put(of + "/access", "DeviceFileMinor: " + std::to_string(node) + "\nDeviceFileMode: 292\n");
    put(of + "/ci0/access", "DeviceFileMinor: " + std::to_string(node + 1) + "\n");
    put("dev/nvidia-caps/nvidia-cap" + std::to_string(node), "");
    put("dev/nvidia-caps/nvidia-cap" + std::to_string(node + 1), "");
    return out;
  }
  base::Result<CdiFound> ensure(const std::vector<std::string>& uuids = {first_card,
                                                                         second_card}) const {
    std::vector<ports::Gpu> cards;
    for (const std::string& uuid : uuids) cards.push_back(card(uuid));
    return ensure_cdi(cards, places);
  }

  testing::Directory folder;
  CdiPlaces places;
};

TEST_F(CdiTest, OursIsOfWhatTheDriverHas) {
  const auto made = ensure();
  ASSERT_TRUE(made.ok()) << made.error().message;
  EXPECT_TRUE(made->is_ours);
  EXPECT_EQ(made->file, root("run/obelisk.json"));
  const std::string text = *read_file(made->file);
  for (const std::string& part :
       {first_card, second_card, root("dev/nvidia7"), root("dev/nvidiactl"),
        std::string("/usr/lib/x86_64-linux-gnu/libcuda.so.1"),
        std::string("/usr/bin/nvidia-smi")}) {
    EXPECT_NE(text.find("\"" + part + "\""), std::string::npos) << part;
  }
  EXPECT_EQ(text.find("glcore"), std::string::npos);
  EXPECT_EQ(text.find("nvidia-uvm"), std::string::npos) << "what is not there is not named";
  EXPECT_TRUE(ensure()->is_ours) << "and again";
}

TEST_F(CdiTest, SomebodyElsesServesWhereItNamesEveryCard) {
  ASSERT_TRUE(ensure().ok());
  put("etc/nvidia.yaml", "devices:\n- name: " + first_card + "\n- name: " + second_card +
                             "\n  hostPath: " + root("bin/nvidia-smi") + "\n");
  const auto found = ensure();
  ASSERT_TRUE(found.ok()) << found.error().message;
  EXPECT_EQ(found->file, root("etc/nvidia.yaml"));
  EXPECT_FALSE(exists(root("run/obelisk.json"))) << "two that name one card serve for none";
}

TEST_F(CdiTest, SomebodyElsesThatIsOldOrPartialIsSaid) {
  put("etc/nvidia.yaml", "- name: " + first_card + "\n");
  EXPECT_NE(ensure().error().message.find("not all"), std::string::npos);
  EXPECT_TRUE(ensure({first_card}).ok());
  put("etc/nvidia.yaml", "- name: " + first_card + "\n  hostPath: /nowhere/libcuda.so.535.1\n");
  EXPECT_NE(ensure({first_card}).error().message.find("/nowhere/libcuda.so.535.1"),
            std::string::npos);
  // By numbers it names no card of ours.
  put("etc/nvidia.yaml", "- name: \"0\"\n- name: all\n");
  EXPECT_TRUE(ensure()->is_ours);
}

TEST_F(CdiTest, WhatIsMissingIsSaid) {
  fs::remove(root("dev/nvidia7"));
  EXPECT_NE(ensure().error().message.find(second_card), std::string::npos);
  fs::remove(root("lib/libcuda.so.1"));
  EXPECT_NE(ensure({first_card}).error().message.find("libcuda.so.1"), std::string::npos);
  EXPECT_TRUE(ensure_cdi({}, places).ok()) << "no card, nothing to do";
}

TEST_F(CdiTest, InstancesHaveTheirCardsNodeAndTwoOfTheirOwn) {
  ports::Gpu cut = card(second_card);
  cut.is_cut = true;
  const std::string one = "MIG-00000000-0000-0000-0000-00000000000a";
  const std::string two = "MIG-00000000-0000-0000-0000-00000000000b";
  const auto made =
      ensure_cdi({card(first_card), cut, instance(one, 1, 21), instance(two, 9, 84)}, places);
  ASSERT_TRUE(made.ok()) << made.error().message;
  const std::string text = *read_file(made->file);
  const auto device = [&](const std::string& uuid, const std::vector<std::string>& nodes) {
    std::string out = R"({"containerEdits":{"deviceNodes":[)";
    for (const std::string& node : nodes) {
      out += (node == nodes[0] ? "" : ",") + (R"({"path":")" + root(node)) + R"("})";
    }
    return out + R"(]},"name":")" + uuid + R"("})";
  };
  for (const std::string& part : {device(first_card, {"dev/nvidia0"}),
                                  device(one, {"dev/nvidia7", "dev/nvidia-caps/nvidia-cap21",
                                               "dev/nvidia-caps/nvidia-cap22"}),
                                  device(two, {"dev/nvidia7", "dev/nvidia-caps/nvidia-cap84",
                                               "dev/nvidia-caps/nvidia-cap85"})}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  }
  EXPECT_EQ(text.find(second_card), std::string::npos) << "a cut card is nobody's as a whole";
}

TEST_F(CdiTest, AnInstanceWithoutItsNodesIsSaid) {
  const std::string one = "MIG-00000000-0000-0000-0000-00000000000a";
  const auto part = instance(one, 1, 21);
  fs::remove(root("dev/nvidia-caps/nvidia-cap22"));
  const auto no_node = ensure_cdi({part}, places);
  ASSERT_FALSE(no_node.ok());
  EXPECT_NE(no_node.error().message.find("nvidia-cap22"), std::string::npos);
  EXPECT_NE(no_node.error().action.find("nvidia-modprobe -f"), std::string::npos);
  fs::remove_all(root("proc/driver/nvidia/capabilities"));
  EXPECT_NE(ensure_cdi({part}, places).error().message.find("gi1"), std::string::npos);
  // Whoever wrote it knows the nodes.
  put("etc/nvidia.yaml", "- name: " + one + "\n");
  EXPECT_FALSE(ensure_cdi({part}, places)->is_ours);
}

}  // namespace
}  // namespace obelisk::podman
