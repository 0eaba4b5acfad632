#include "adapters/podman/seclusion.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace obelisk::podman {
namespace {

TEST(Seclusion, DirectoriesOfRealInterfacesAndDisksAreFound) {
  std::vector<std::string> found = device_directories({
      "/sys/devices/pci0000:00/0000:00:03.0/virtio2/net/eth0",
      "/sys/devices/pci0000:00/0000:00:03.0/virtio2/net/eth1",
      "/sys/devices/pci0000:00/0000:00:02.0/virtio1/block/vda",
      "/sys/devices/pci0000:00/0000:00:02.0/virtio1/block/vda/vda1",
      "/sys/devices/pci0000:00/0000:00:1d.0/nvme/nvme0/nvme0n1",
      "/sys/devices/virtual/net/lo",
      "/sys/devices/virtual/block/loop0",
      "/etc/passwd",
  });
  EXPECT_EQ(found, (std::vector<std::string>{
                       "/sys/devices/pci0000:00/0000:00:02.0/virtio1/block",
                       "/sys/devices/pci0000:00/0000:00:03.0/virtio2/net",
                       "/sys/devices/pci0000:00/0000:00:1d.0/nvme/nvme0/nvme0n1",
                   }));
}

TEST(Seclusion, WhatCardsNeedStaysReadable) {
  for (const std::string& path : masked_paths()) {
    EXPECT_FALSE(std::string("/sys/bus/pci/devices").starts_with(path)) << path;
    EXPECT_FALSE(std::string("/sys/devices/system/node").starts_with(path)) << path;
    EXPECT_FALSE(std::string("/sys/module/nvidia").starts_with(path)) << path;
  }
}

TEST(Seclusion, ANamespaceOfNobodyIsAnError) { EXPECT_FALSE(forbid_user_namespaces(0).ok()); }

}  // namespace
}  // namespace obelisk::podman
