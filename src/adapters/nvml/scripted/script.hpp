// Script: the cards a scripted machine pretends to have, read from a small text file. One thing a
// line, '#' starts a comment:
//   driver 550.54.15
//   cuda 12040
//   card name="NVIDIA H100 80GB HBM3" count=2 memory_mib=81559 seed=7 capability=90 sm_mhz=1980 ...
//   fail nvmlDeviceGetMemoryBusWidth 3        the function answers 3 from now on
// It is for tests and for demo hosts whose offers say "simulated"; it must never be part of a real
// host.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace obelisk::nvml::scripted {

struct Card {
  std::string name;
  std::string uuid;  // made from seed and place where the script gives none
  std::string bus_id;
  std::uint64_t memory_bytes = 0;
  std::uint64_t used_bytes = 0;
  unsigned capability = 0;  // 0: not supported, here and below
  unsigned sm_mhz = 0;
  unsigned memory_mhz = 0;
  unsigned bus_bits = 0;
  unsigned power_mw = 0;
  unsigned pcie_generation = 0;
  unsigned pcie_lanes = 0;
  unsigned nvlinks = 0;  // all of them active
  std::vector<unsigned> processes;
  bool lost = false;
  bool cut = false;  // MIG is on
};

struct Script {
  std::string driver = "550.54.15";
  int cuda = 12040;
  std::vector<Card> cards;
  std::map<std::string, int> failures;  // by function
  bool valid = true;                    // a line that cannot be read makes the whole script fail
};

Script parse_script(std::string_view text);

}  // namespace obelisk::nvml::scripted
