#include "adapters/nvml/reading.hpp"

namespace obelisk::nvml {
namespace {

// What no card of today comes near: a figure beyond is the driver's slip.
constexpr unsigned kMostDegrees = 150;
constexpr unsigned kMostMilliwatts = 5'000'000;
constexpr unsigned kMostMhz = 20'000;
constexpr unsigned long long kMostErrors = 1'000'000'000'000;

// Asks one figure after the other, and remembers whether one of them was answered by "lost".
class Asking {
 public:
  Asking(const Library& library, Device* card, Device* own)
      : library_(library), card_(card), own_(own) {}

  ports::CardReading all() {
    ports::CardReading out;
    work(out);
    heat_and_power(out);
    memory_errors(out);
    if (!lost_) return out;
    ports::CardReading gone;
    gone.is_lost = true;
    return gone;
  }

 private:
  bool good(Return code) {
    lost_ = lost_ || code == kGpuIsLost;
    return code == kSuccess;
  }

  template <class Function, class... Words>
  std::optional<std::uint32_t> number(unsigned most, Function* function, Words... words) {
    unsigned value = 0;
    if (function == nullptr || !good(function(card_, words..., &value)) || value > most) return {};
    return value;
  }

  std::optional<std::uint64_t> errors(unsigned which) {
    unsigned long long count = kNoValue;
    if (library_.ecc_errors == nullptr ||
        !good(library_.ecc_errors(card_, which, kEccVolatile, &count)) || count > kMostErrors) {
      return {};
    }
    return count;
  }

  void work(ports::CardReading& out) {
    Utilization busy;
    if (library_.utilization != nullptr && good(library_.utilization(card_, &busy))) {
      if (busy.gpu <= 100) out.busy_percent = busy.gpu;
      if (busy.memory <= 100) out.memory_busy_percent = busy.memory;
    }
    Memory memory;
    if (good(library_.memory(own_, &memory)) && memory.used <= memory.total) {
      out.memory_used_bytes = memory.used;
    }
    out.sm_mhz = number(kMostMhz, library_.clock, kClockSm);
    out.memory_mhz = number(kMostMhz, library_.clock, kClockMemory);
  }

  void heat_and_power(ports::CardReading& out) {
    out.temperature_c = number(kMostDegrees, library_.temperature, kSensorGpu);
    out.slowdown_c = number(kMostDegrees, library_.temperature_threshold, kThresholdSlowdown);
    if (out.slowdown_c == 0) out.slowdown_c.reset();
    out.power_mw = number(kMostMilliwatts, library_.power_usage);
    unsigned long long reasons = 0;
    if (library_.clock_reasons == nullptr || !good(library_.clock_reasons(card_, &reasons))) return;
    ports::CardSlowed slowed;
    slowed.by_power_limit = (reasons & kReasonPowerCap) != 0;
    slowed.by_heat = (reasons & (kReasonHeatSoftware | kReasonHeatHardware)) != 0;
    slowed.by_power_brake = (reasons & kReasonPowerBrake) != 0;
    out.slowed = slowed;
  }

  void memory_errors(ports::CardReading& out) {
    unsigned now = 0;
    unsigned later = 0;
    if (library_.ecc_mode != nullptr && good(library_.ecc_mode(card_, &now, &later)) && now <= 1) {
      out.ecc_on = now == 1;
    }
    out.ecc_uncorrected = errors(kEccUncorrected);
    out.ecc_corrected = errors(kEccCorrected);
    if (auto pages = number(1, library_.retired_pages_pending)) out.repair_pending = *pages == 1;
    // Cards since Ampere remap rows instead of retiring pages.
    unsigned corrected = 0;
    unsigned uncorrected = 0;
    unsigned pending = 0;
    unsigned failed = 0;
    if (library_.remapped_rows == nullptr ||
        !good(library_.remapped_rows(card_, &corrected, &uncorrected, &pending, &failed)) ||
        pending > 1 || failed > 1) {
      return;
    }
    out.repair_pending = out.repair_pending.value_or(false) || pending == 1;
    out.repair_failed = failed == 1;
  }

  const Library& library_;
  Device* card_;
  Device* own_;
  bool lost_ = false;
};

}  // namespace

bool means_lost(Return code) {
  return code == kGpuIsLost || code == kNotFound || code == kGpuNotFound;
}

ports::CardReading reading_of(const Library& library, Device* card, Device* own) {
  return Asking(library, card, own).all();
}

}  // namespace obelisk::nvml
