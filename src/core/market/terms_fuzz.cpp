// libFuzzer over the text of terms, which a market writes and a renter signs: what is read has that
// one text and no other, and its values keep their bounds.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.hpp"
#include "core/market/terms.hpp"

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace obelisk;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto terms = market::read_terms(text);
  if (!terms) {
    CHECK(!terms.error().message.empty());
    return 0;
  }
  CHECK(market::terms_text(*terms) == text);
  CHECK(market::check_terms(*terms).ok());
  return 0;
}
