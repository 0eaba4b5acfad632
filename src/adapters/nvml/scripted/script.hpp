// Script: the cards a scripted machine pretends to have, read from a small text file. One thing a
// line, '#' starts a comment:
//   driver 550.54.15
//   cuda 12040
//   card name="NVIDIA H100 80GB HBM3" count=2 memory_mib=81559 seed=7 capability=90 sm_mhz=1980 ...
//   fail nvmlDeviceGetMemoryBusWidth 3        the function answers 3 from now on
//   lie nvmlDeviceGetName                     it writes its whole text, whatever room it is given
//   event card=0 xid=79 after_ms=500          reported once, so long after the library was started
//   event card=0 instance=1 xid=13            of the second instance of a cut card
//   event card=0 ecc=1                        an uncorrected error of its memory
//   card name="NVIDIA H100 80GB HBM3" memory_mib=81559 instances="1g.10gb 3g.40gb"
// The last is cut (MIG) into instances, made with what their names say.
// What a card does now is said with it, as figures that may change (figure.hpp): temperature_c,
// slowdown_c, draw_mw, busy, memory_busy, sm_now_mhz, memory_now_mhz, reasons (bits), ecc (1: on),
// ecc_uncorrected, ecc_corrected, pages_pending, rows_pending, rows_failed, used_mib, and lost
// (1: it fell off the bus). What is not said is not supported.
// It is for tests and for demo hosts whose offers say "simulated"; it must never be part of a real
// host.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/nvml/scripted/figure.hpp"

namespace obelisk::nvml::scripted {

// What a cut card computes in.
struct Instance {
  std::string uuid;
  unsigned gpu_instance = 0;
  unsigned gpu_slices = 0;
  unsigned compute_slices = 0;
  std::uint64_t memory_mib = 0;
};

struct Card {
  std::string name;
  std::string uuid;  // made from seed and place where the script gives none
  std::string bus_id;
  std::uint64_t memory_bytes = 0;
  unsigned capability = 0;  // 0: not supported, here and below
  unsigned sm_mhz = 0;
  unsigned memory_mhz = 0;
  unsigned bus_bits = 0;
  unsigned power_mw = 0;
  unsigned pcie_generation = 0;
  unsigned pcie_lanes = 0;
  unsigned nvlinks = 0;  // all of them active
  std::vector<unsigned> processes;
  bool cut = false;  // MIG is on
  std::vector<Instance> instances;
  std::map<std::string, Figure, std::less<>> figures;
};

struct Event {
  std::uint64_t card = 0;                 // its place, from 0
  std::optional<std::uint64_t> instance;  // of a cut card, its place
  std::uint64_t xid = 0;                  // 0: an uncorrected error
  std::uint64_t after_ms = 0;
};

struct Script {
  std::string driver = "550.54.15";
  int cuda = 12040;
  std::vector<Card> cards;
  std::map<std::string, int> failures;  // by function
  std::set<std::string> liars;          // functions
  std::vector<Event> events;
  bool valid = true;  // a line that cannot be read makes the whole script fail
};

Script parse_script(std::string_view text);

}  // namespace obelisk::nvml::scripted
