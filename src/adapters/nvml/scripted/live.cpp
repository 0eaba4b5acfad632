// What a scripted card does now, and its events: the part of NVIDIA's functions whose answers
// change. Left out, as by an old driver, with OBELISK_NVML_MINIMAL.
#ifndef OBELISK_NVML_MINIMAL

#include <algorithm>
#include <thread>

#include "adapters/nvml/scripted/state.hpp"

namespace obelisk::nvml::scripted {

namespace {

Return put_figure(const Card& card, const char* figure, unsigned* out) {
  const auto value = figure_of(card, figure);
  if (!value) return kNotSupported;
  *out = static_cast<unsigned>(*value);
  return kSuccess;
}

Return put_word(const Card& card, const char* figure, unsigned long long* out) {
  const auto value = figure_of(card, figure);
  if (!value) return kNotSupported;
  *out = *value;
  return kSuccess;
}

// Whether one was due. Events are reported in the script's order, each once.
bool next_event(EventData* out) {
  State& now = state();
  if (now.reported >= now.script.events.size()) return false;
  const Event& event = now.script.events[now.reported];
  if (age_ms() < event.after_ms) return false;
  ++now.reported;
  *out = EventData{};
  out->device = handle_of(event.card);
  out->type = event.xid == 0 ? kEventEccUncorrected : kEventXid;
  out->data = event.xid;
  if (const auto& cards = now.script.cards; event.instance && event.card < cards.size()) {
    const auto& parts = cards[event.card].instances;
    if (*event.instance < parts.size()) out->gpu_instance = parts[*event.instance].gpu_instance;
    out->compute_instance = 0;
  }
  return true;
}

}  // namespace

// The names are NVIDIA's.
// NOLINTBEGIN(readability-identifier-naming)
extern "C" {

Return nvmlDeviceGetHandleByUUID(const char* uuid, Device** out) {
  std::lock_guard guard(state().mutex);
  if (Return code = reload(); code != kSuccess) return code;
  if (Return code = scripted_failure("nvmlDeviceGetHandleByUUID"); code != kSuccess) return code;
  for (std::size_t place = 0; place < state().script.cards.size(); ++place) {
    const Card& card = state().script.cards[place];
    const auto part = std::ranges::find(card.instances, uuid, &Instance::uuid);
    if (card.uuid != uuid && part == card.instances.end()) continue;
    ++state().looks[card.uuid];
    *out = card.uuid == uuid
               ? handle_of(place)
               : handle_of(place, static_cast<std::size_t>(part - card.instances.begin()));
    return kSuccess;
  }
  return kNotFound;
}

Return nvmlDeviceGetUtilizationRates(Device* device, Utilization* out) {
  return on_whole("nvmlDeviceGetUtilizationRates", device, [&](const Card& card) {
    if (Return code = put_figure(card, "busy", &out->gpu); code != kSuccess) return code;
    return put_figure(card, "memory_busy", &out->memory);
  });
}

Return nvmlDeviceGetTemperature(Device* device, unsigned sensor, unsigned* out) {
  return on_whole("nvmlDeviceGetTemperature", device, [&](const Card& card) {
    return sensor == kSensorGpu ? put_figure(card, "temperature_c", out) : kInvalidArgument;
  });
}

Return nvmlDeviceGetTemperatureThreshold(Device* device, unsigned which, unsigned* out) {
  return on_whole("nvmlDeviceGetTemperatureThreshold", device, [&](const Card& card) {
    return which == kThresholdSlowdown ? put_figure(card, "slowdown_c", out) : kInvalidArgument;
  });
}

Return nvmlDeviceGetPowerUsage(Device* device, unsigned* out) {
  return on_whole("nvmlDeviceGetPowerUsage", device,
                  [&](const Card& card) { return put_figure(card, "draw_mw", out); });
}

Return nvmlDeviceGetClockInfo(Device* device, unsigned which, unsigned* out) {
  return on_whole("nvmlDeviceGetClockInfo", device, [&](const Card& card) {
    if (which == kClockSm) return put_figure(card, "sm_now_mhz", out);
    return which == kClockMemory ? put_figure(card, "memory_now_mhz", out) : kInvalidArgument;
  });
}

Return nvmlDeviceGetCurrentClocksEventReasons(Device* device, unsigned long long* out) {
  return on_whole("nvmlDeviceGetCurrentClocksEventReasons", device,
                  [&](const Card& card) { return put_word(card, "reasons", out); });
}

Return nvmlDeviceGetEccMode(Device* device, unsigned* now, unsigned* later) {
  return on_whole("nvmlDeviceGetEccMode", device, [&](const Card& card) {
    const Return code = put_figure(card, "ecc", now);
    *later = *now;
    return code;
  });
}

Return nvmlDeviceGetTotalEccErrors(Device* device, unsigned which, unsigned counter,
                                   unsigned long long* out) {
  return on_whole("nvmlDeviceGetTotalEccErrors", device, [&](const Card& card) {
    if (counter != kEccVolatile || which > kEccUncorrected) return kInvalidArgument;
    return put_word(card, which == kEccUncorrected ? "ecc_uncorrected" : "ecc_corrected", out);
  });
}

Return nvmlDeviceGetRetiredPagesPendingStatus(Device* device, unsigned* out) {
  return on_whole("nvmlDeviceGetRetiredPagesPendingStatus", device,
                  [&](const Card& card) { return put_figure(card, "pages_pending", out); });
}

Return nvmlDeviceGetRemappedRows(Device* device, unsigned* corrected, unsigned* uncorrected,
                                 unsigned* pending, unsigned* failed) {
  return on_whole("nvmlDeviceGetRemappedRows", device, [&](const Card& card) {
    const Return code = put_figure(card, "rows_pending", pending);
    if (code != kSuccess) return code;
    *corrected = *uncorrected = 0;
    *failed = static_cast<unsigned>(figure_of(card, "rows_failed").value_or(0));
    return kSuccess;
  });
}

Return nvmlDeviceGetSupportedEventTypes(Device* device, unsigned long long* out) {
  return on_whole("nvmlDeviceGetSupportedEventTypes", device, [&](const Card&) {
    *out = kEventXid | kEventEccUncorrected;
    return kSuccess;
  });
}

Return nvmlEventSetCreate(EventSet** out) {
  std::lock_guard guard(state().mutex);
  // One is as good as another: what was reported is the library's to know.
  *out = reinterpret_cast<EventSet*>(std::size_t{1});
  return scripted_failure("nvmlEventSetCreate");
}

Return nvmlEventSetFree(EventSet*) { return kSuccess; }

Return nvmlDeviceRegisterEvents(Device* device, unsigned long long, EventSet*) {
  return on_whole("nvmlDeviceRegisterEvents", device, [](const Card&) { return kSuccess; });
}

Return nvmlEventSetWait_v2(EventSet*, EventData* out, unsigned timeout_ms) {
  // A real driver sleeps; what looks often would be taken for what a host costs.
  constexpr std::chrono::milliseconds kPause{100};
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout_ms);
  while (true) {
    {
      std::lock_guard guard(state().mutex);
      if (Return code = reload(); code != kSuccess) return code;
      if (Return code = scripted_failure("nvmlEventSetWait_v2"); code != kSuccess) return code;
      if (next_event(out)) return kSuccess;
    }
    const auto now = std::chrono::steady_clock::now();
    if (now >= until) return kTimeout;
    std::this_thread::sleep_until(std::min(now + kPause, until));
  }
}

}  // extern "C"
// NOLINTEND(readability-identifier-naming)

}  // namespace obelisk::nvml::scripted

#endif
