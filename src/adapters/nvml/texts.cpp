#include "adapters/nvml/texts.hpp"

#include <algorithm>

namespace obelisk::nvml {

std::string text_of(TextFn* function, Device* card) {
  std::array<char, kRoomBytes> buffer{};
  if (function(card, buffer.data(), kNameBytes) != kSuccess) return "";
  // A library that forgets the end, or its size, cannot make us read on.
  buffer[kNameBytes - 1] = '\0';
  return cleaned(buffer);
}

namespace {

bool is_plain(const std::string& uuid) {
  return uuid.size() <= 64 && std::all_of(uuid.begin(), uuid.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                  c == '-';
         });
}

}  // namespace

bool is_card_uuid(const std::string& uuid) { return uuid.starts_with("GPU-") && is_plain(uuid); }

bool is_instance_uuid(const std::string& uuid) {
  return uuid.starts_with("MIG-") && is_plain(uuid);
}

}  // namespace obelisk::nvml
