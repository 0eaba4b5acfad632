// Any text as each thing that is written in text everywhere: bytes, keys, amounts, times. What is
// accepted means the same when it is written again.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/base58.hpp"
#include "base/bytes.hpp"
#include "base/check.hpp"
#include "base/lamports.hpp"
#include "base/public_key.hpp"
#include "base/time.hpp"

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace obelisk::base;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto bytes = from_base58(text)) {
    CHECK(bytes->size() <= 128 && to_base58(*bytes) == text);
  }
  if (const auto key = PublicKey::parse(text)) CHECK(key->to_string() == text);
  if (const auto bytes = from_base64(text)) CHECK(to_base64(*bytes) == text);
  if (const auto bytes = from_hex(text)) CHECK(from_hex(to_hex(*bytes)) == bytes);
  if (const auto amount = lamports_from_decimal(text)) CHECK(to_decimal(*amount) == text);
  if (const auto time_ms = parse_rfc3339(text)) {
    // Before 1970 is read, but never written.
    CHECK(*time_ms < 0 || parse_rfc3339(to_rfc3339(*time_ms)) == time_ms);
  }
  return 0;
}
