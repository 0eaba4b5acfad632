#include "adapters/nvml/scripted/state.hpp"

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>

namespace obelisk::nvml::scripted {

namespace {

constexpr std::size_t kPartStep = 1000;

}  // namespace

State& state() {
  static State the_state;
  return the_state;
}

Return reload() {
  const char* path = std::getenv("OBELISK_NVML_SCRIPT");
  if (path == nullptr) return kDriverNotLoaded;
  std::ifstream file(path, std::ios::binary);
  if (!file) return kDriverNotLoaded;
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  state().script = parse_script(text);
  return state().script.valid ? kSuccess : kUnknown;
}

void begin() {
  state().began = std::chrono::steady_clock::now();
  state().looks.clear();
  state().reported = 0;
}

std::uint64_t age_ms() {
  const auto age = std::chrono::steady_clock::now() - state().began;
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(age).count());
}

Return scripted_failure(const char* function) {
  auto found = state().script.failures.find(function);
  return found == state().script.failures.end() ? kSuccess : found->second;
}

Device* handle_of(std::size_t place) { return reinterpret_cast<Device*>(place + 1); }

Device* handle_of(std::size_t place, std::size_t part) {
  return reinterpret_cast<Device*>(place + 1 + (part + 1) * kPartStep);
}

const Card* card_of(Device* device) {
  const std::size_t place = reinterpret_cast<std::size_t>(device) % kPartStep;
  const std::size_t part = reinterpret_cast<std::size_t>(device) / kPartStep;
  const auto& cards = state().script.cards;
  if (place == 0 || place > cards.size() || part > cards[place - 1].instances.size()) {
    return nullptr;
  }
  return &cards[place - 1];
}

const Instance* instance_of(Device* device) {
  const Card* card = card_of(device);
  const std::size_t part = reinterpret_cast<std::size_t>(device) / kPartStep;
  return card == nullptr || part == 0 ? nullptr : &card->instances[part - 1];
}

std::optional<std::uint64_t> figure_of(const Card& card, const char* figure) {
  const auto found = card.figures.find(figure);
  if (found == card.figures.end()) return std::nullopt;
  return found->second.at(state().looks[card.uuid], age_ms());
}

bool is_lost(const Card& card) { return figure_of(card, "lost").value_or(0) != 0; }

Return put_text(const char* function, const std::string& text, char* out, unsigned size) {
  const bool lies = state().script.liars.contains(function);
  if (!lies && text.size() + 1 > size) return kInsufficientSize;
  std::memcpy(out, text.c_str(), text.size() + (lies ? 0 : 1));
  return kSuccess;
}

Return put_number(unsigned value, unsigned* out) {
  if (value == 0) return kNotSupported;
  *out = value;
  return kSuccess;
}

}  // namespace obelisk::nvml::scripted
