// CardMonitor: what a card of this machine does now, and what its driver reports of it. Figures
// come from drivers and are untrusted: adapters leave out what cannot be. It must never change a
// setting of a card, and never take a figure that is missing for trouble.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace obelisk::ports {

// Why a card runs slower than it could. Power limits are how every loaded card works, and no
// trouble; heat and the brake are.
struct CardSlowed {
  bool by_power_limit = false;
  bool by_heat = false;
  bool by_power_brake = false;  // the power supply asked for it
  bool operator==(const CardSlowed&) const = default;
};

// Each figure is missing where the card, its driver or the driver's age does not give it. Of an
// instance of a cut card, memory is its own and the rest is the whole card's.
struct CardReading {
  // The card fell off the bus or is not there any more: no figure follows.
  bool is_lost = false;
  std::optional<std::uint32_t> busy_percent = {};         // of the last moments
  std::optional<std::uint32_t> memory_busy_percent = {};  // of them, with its memory at work
  std::optional<std::uint64_t> memory_used_bytes = {};
  std::optional<std::uint32_t> temperature_c = {};
  std::optional<std::uint32_t> slowdown_c = {};  // from there on it slows itself down
  std::optional<std::uint32_t> power_mw = {};
  std::optional<std::uint32_t> sm_mhz = {};
  std::optional<std::uint32_t> memory_mhz = {};
  std::optional<CardSlowed> slowed = {};
  std::optional<bool> ecc_on = {};
  // Errors since the driver was loaded.
  std::optional<std::uint64_t> ecc_uncorrected = {};
  std::optional<std::uint64_t> ecc_corrected = {};
  // Pages or rows of its memory wait to be taken out of use by a reset; or that failed once.
  std::optional<bool> repair_pending = {};
  std::optional<bool> repair_failed = {};
};

struct CardEvent {
  enum class Kind : std::uint8_t { xid, ecc_uncorrected };
  std::string uuid;  // as leases name the card; of a cut card, of its instance
  Kind kind = Kind::xid;
  std::uint32_t xid = 0;  // the driver's number; 0 where kind says it all
};

class CardMonitor {
 public:
  virtual ~CardMonitor() = default;
  // Any thread. A card that is gone is an answer (is_lost); an error means that the driver does not
  // work, or that `uuid` is no card's name.
  virtual base::Result<CardReading> read(const std::string& uuid) = 0;
  // One thread. Returns when something is reported, and at the latest after `most`: whoever runs a
  // thread of this ends it within that time. `unsupported`: this driver reports nothing, ever;
  // after another error the caller waits before it asks again.
  virtual base::Result<std::vector<CardEvent>> wait(std::chrono::milliseconds most) = 0;
};

}  // namespace obelisk::ports
