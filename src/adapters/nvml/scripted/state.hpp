// State: what all functions of the scripted library share: the script as it was last read, how
// often each card was looked up, which events were reported. Everything here is called with the
// mutex held but on_card(), which takes it.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "adapters/nvml/nvml_abi.hpp"
#include "adapters/nvml/scripted/script.hpp"

namespace obelisk::nvml::scripted {

struct State {
  std::mutex mutex;
  Script script;
  int users = 0;  // between nvmlInit_v2 and nvmlShutdown
  std::chrono::steady_clock::time_point began;
  std::map<std::string, std::uint64_t> looks;  // by UUID
  std::size_t reported = 0;                    // of the script's events
};
// A C library has no object to keep its state in; this is the one place that has to.
State& state();

// Reads the script again, so that a card can fall off the bus between two looks.
Return reload();
// The first user came: nothing was looked up or reported yet.
void begin();
std::uint64_t age_ms();
Return scripted_failure(const char* function);

// Handles are the card's place, counted from one, and a thousand times that of an instance: never a
// pointer that could be followed.
Device* handle_of(std::size_t place);
Device* handle_of(std::size_t place, std::size_t part);
// Null for a handle of ours that is none. Of an instance, the card it is of.
const Card* card_of(Device* device);
// Null for a whole card's.
const Instance* instance_of(Device* device);
// Nothing where the script does not say.
std::optional<std::uint64_t> figure_of(const Card& card, const char* figure);
bool is_lost(const Card& card);

Return put_text(const char* function, const std::string& text, char* out, unsigned size);
Return put_number(unsigned value, unsigned* out);

// Runs `body` on the card unless the script says that this function fails or the card is lost.
template <class Body>
Return on_card(const char* function, Device* device, Body body) {
  std::lock_guard guard(state().mutex);
  if (Return code = scripted_failure(function); code != kSuccess) return code;
  const Card* card = card_of(device);
  if (card == nullptr) return kInvalidArgument;
  return is_lost(*card) ? kGpuIsLost : body(*card);
}

// The same for what only a whole card knows.
template <class Body>
Return on_whole(const char* function, Device* device, Body body) {
  return on_card(function, device, [&](const Card& card) {
    return instance_of(device) != nullptr ? kNotSupported : body(card);
  });
}

}  // namespace obelisk::nvml::scripted
