#include "adapters/podman/log_stream.hpp"

#include <algorithm>
#include <cstdint>

namespace obelisk::podman {
namespace {

constexpr std::size_t kHead = 8;
constexpr std::uint8_t kOutput = 1;
constexpr std::uint8_t kErrors = 2;

std::uint32_t length_in(std::string_view head) {
  std::uint32_t out = 0;
  for (std::size_t i = 4; i < kHead; ++i) out = out << 8 | static_cast<std::uint8_t>(head[i]);
  return out;
}

}  // namespace

std::string join_log_stream(std::string_view bytes) {
  std::string out;
  while (bytes.size() >= kHead) {
    const auto stream = static_cast<std::uint8_t>(bytes[0]);
    if (stream != kOutput && stream != kErrors) break;
    const std::uint32_t length = length_in(bytes);
    bytes.remove_prefix(kHead);
    out += bytes.substr(0, length);
    bytes.remove_prefix(std::min<std::size_t>(length, bytes.size()));
  }
  return out;
}

}  // namespace obelisk::podman
