// libFuzzer over what a stranger may send a host or a gateway: what is taken is written again as
// the same bytes.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/check.hpp"
#include "core/tunnel/frames.hpp"

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace obelisk;
  const base::ByteView bytes(data, size);
  const auto is_same = [&](const base::Bytes& again) { return std::ranges::equal(again, bytes); };
  if (const auto frame = tunnel::decode_frame(bytes)) CHECK(is_same(tunnel::encode_frame(*frame)));
  if (const auto hello = tunnel::decode_hello(bytes)) CHECK(is_same(tunnel::encode_hello(*hello)));
  if (const auto nonce = tunnel::decode_greeting(bytes)) {
    CHECK(is_same(tunnel::encode_greeting(*nonce)));
  }
  if (const auto visit = tunnel::decode_visit(bytes)) CHECK(is_same(tunnel::encode_visit(*visit)));
  return 0;
}
