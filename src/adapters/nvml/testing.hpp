// For tests of this folder: a script in a file of its own, named to the scripted library.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "adapters/nvml/nvml_gpus.hpp"

namespace obelisk::nvml {

inline constexpr const char* kH100 =
    "card name=\"NVIDIA H100 80GB HBM3\" memory_mib=81559 capability=90 sm_mhz=1980 "
    "memory_mhz=2619 bus_bits=5120 power_mw=700000 pcie_generation=5 pcie_lanes=16 "
    "nvlinks=18";

class Scripted : public testing::Test {
 protected:
  Scripted() {
    std::string name = (std::filesystem::temp_directory_path() / "obelisk-nvml-XXXXXX").string();
    int fd = ::mkstemp(name.data());
    EXPECT_GE(fd, 0);
    ::close(fd);
    path_ = name;
    ::setenv("OBELISK_NVML_SCRIPT", path_.c_str(), 1);
  }
  ~Scripted() override { std::filesystem::remove(path_); }

  void script(const std::string& text) { std::ofstream(path_, std::ios::binary) << text; }

  std::vector<ports::Gpu> cards(const std::string& library = NVML_SCRIPTED) {
    NvmlGpus gpus({.library = library, .log = {}});
    auto listed = gpus.list();
    EXPECT_TRUE(listed.ok()) << (listed ? "" : listed.error().message);
    return listed ? *listed : std::vector<ports::Gpu>{};
  }

  std::string path_;
};

}  // namespace obelisk::nvml
