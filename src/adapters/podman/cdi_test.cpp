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
  base::Result<CdiFound> ensure(const std::vector<std::string>& uuids = {first_card,
                                                                         second_card}) const {
    return ensure_cdi(uuids, "550.1", places);
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
  EXPECT_TRUE(ensure_cdi({}, "", places).ok()) << "no card, nothing to do";
}

}  // namespace
}  // namespace obelisk::podman
