// libFuzzer over what price services answer and what Pyth leaves on chain. The first byte chooses
// whose word it is. Whatever they say, a price is one that we would quote with.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "adapters/prices/pyth.hpp"
#include "adapters/prices/tickers.hpp"
#include "base/check.hpp"

namespace {

constexpr std::uint64_t kLeast = 10'000;               // a cent
constexpr std::uint64_t kMost = 1'000'000'000'000ull;  // a million dollars

void check_price(const obelisk::base::Result<obelisk::market::PriceReading>& reading) {
  if (!reading.ok()) {
    CHECK(!reading.error().message.empty() && reading.error().message.size() < 1024);
    return;
  }
  CHECK(!reading->source.empty());
  CHECK(reading->bid >= kLeast && reading->bid <= kMost);
  CHECK(reading->ask >= kLeast && reading->ask <= kMost);
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace obelisk;
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  constexpr base::UnixMillis kCame = 1'700'000'000'000;
  switch (data[0] % 5) {
    case 0: check_price(prices::read_coinbase(text, kCame)); break;
    case 1: check_price(prices::read_kraken(text, kCame)); break;
    case 2: check_price(prices::read_binance(text, kCame)); break;
    case 3: check_price(prices::read_hermes(text, kCame)); break;
    default:
      check_price(prices::read_price_update(
          {{1}, prices::pyth_receiver(), base::Bytes(data + 1, data + size)}));
      break;
  }
  return 0;
}
