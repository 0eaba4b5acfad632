// libFuzzer over what a stranger may send a host or a gateway: what is taken is written again as
// the same bytes.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/check.hpp"
#include "core/tunnel/door_name.hpp"
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
  const std::string text(bytes.begin(), bytes.end());
  if (const auto pass = tunnel::pass_from(text)) CHECK(tunnel::to_text(*pass) == text);
  if (const auto door = tunnel::door_from(text)) {
    CHECK(tunnel::door_from(tunnel::label_of(*door)) == door);
  }
  return 0;
}
