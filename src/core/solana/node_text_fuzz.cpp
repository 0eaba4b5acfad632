// libFuzzer over the small things that a node says beside its JSON: Retry-After, the Clock account,
// and what people write as a node's address. The first byte chooses what the rest is taken for.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.hpp"
#include "core/solana/cluster_url.hpp"
#include "core/solana/programs.hpp"
#include "core/solana/retry_after.hpp"

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace obelisk;
  if (size == 0) return 0;
  const base::ByteView bytes(data + 1, size - 1);
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 3) {
    case 0: {
      const auto wait_ms = solana::retry_after_ms(text, 784'111'777'000);
      CHECK(!wait_ms || (*wait_ms >= 0 && *wait_ms <= solana::kLongestRetryAfterMs));
      break;
    }
    case 1: {
      const auto clock = solana::parse_clock(bytes);
      CHECK(!clock || bytes.size() >= sizeof(std::uint64_t) * 5);
      break;
    }
    default: {
      const std::string url = solana::cluster_url(text);
      CHECK(!url.empty() || text.empty());
      (void)solana::derived_websocket_url(url);
      break;
    }
  }
  return 0;
}
