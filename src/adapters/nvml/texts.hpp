// Texts of the driver, made safe: bounded, printable, and names of cards that are names of cards.
#pragma once

#include <array>
#include <string>

#include "adapters/nvml/nvml_abi.hpp"

namespace obelisk::nvml {

// The text up to its end or the buffer's, plain ASCII only, without spaces at its ends.
template <std::size_t N>
std::string cleaned(const std::array<char, N>& buffer) {
  std::string out;
  for (char c : buffer) {
    if (c == '\0') break;
    if (c >= 0x20 && c < 0x7f) out.push_back(c);
  }
  std::size_t first = out.find_first_not_of(' ');
  if (first == std::string::npos) return "";
  return out.substr(first, out.find_last_not_of(' ') + 1 - first);
}

// What a function may write into without harm, whatever size it was told.
inline constexpr std::size_t kRoomBytes = 8192;

// "" where the library does not say; no longer than the size it was told.
std::string text_of(TextFn* function, Device* card);

// "GPU-" and letters, digits and dashes, 64 bytes at most.
bool is_card_uuid(const std::string& uuid);
// The same with "MIG-": an instance of a cut card, as drivers since 470 name it.
bool is_instance_uuid(const std::string& uuid);

}  // namespace obelisk::nvml
