#include "adapters/cuda/find_card.hpp"

#include <algorithm>

#include "adapters/cuda/failure.hpp"

namespace obelisk::cuda {
namespace {

constexpr int kMaxCards = 64;

constexpr std::size_t kPrefix = 4;  // "GPU-", "MIG-"

// As NVML and nvidia-smi write it, without what stands before it.
std::string text_of(const Uuid& uuid) {
  constexpr const char* kDigits = "0123456789abcdef";
  std::string out;
  for (std::size_t i = 0; i < sizeof uuid.bytes; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out.push_back('-');
    out.push_back(kDigits[uuid.bytes[i] >> 4]);
    out.push_back(kDigits[uuid.bytes[i] & 15]);
  }
  return out;
}

}  // namespace

bool is_card_name(const std::string& uuid) {
  constexpr std::size_t kSize = 40;
  return (uuid.starts_with("GPU-") || uuid.starts_with("MIG-")) && uuid.size() == kSize;
}

base::Result<Device> find_card(const Library& library, const std::string& uuid) {
  int count = 0;
  if (Return code = library.count(&count)) return card_failure("count", code);
  for (int number = 0; number < std::min(count, kMaxCards); ++number) {
    Device device = 0;
    Uuid found;
    // One that does not answer is not the one we look for, and must not hide it.
    if (library.device(&device, number) != kSuccess) continue;
    if (library.uuid(&found, device) != kSuccess) continue;
    if (text_of(found) == uuid.substr(std::min(kPrefix, uuid.size()))) return device;
  }
  return base::Error{base::Code::not_found, "The driver knows no card " + uuid + ".",
                     "Run nvidia-smi -L to see the cards there are."};
}

}  // namespace obelisk::cuda
