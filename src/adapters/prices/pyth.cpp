#include "adapters/prices/pyth.hpp"

#include <algorithm>
#include <limits>

#include "adapters/prices/tickers.hpp"
#include "base/bytes.hpp"
#include "base/check.hpp"
#include "base/crypto.hpp"

namespace obelisk::prices {
namespace {

constexpr std::size_t kFullAt = 41;  // where the feed id begins in a fully verified update
constexpr std::uint8_t kFull = 1;
constexpr std::size_t kLeastBytes = kFullAt + 32 + 8 + 8 + 4 + 8;

base::Error refused(const std::string& what) {
  return {base::Code::refused, "Pyth's answer is no price: " + what + ".",
          "Look at Pyth's status page, or take this source out."};
}

// Anchor names a type by the first eight bytes of SHA-256("account:PriceUpdateV2").
base::Bytes discriminator() {
  const auto digest = base::sha256(base::view_of("account:PriceUpdateV2"));
  return {digest.bytes.begin(), digest.bytes.begin() + 8};
}

}  // namespace

base::PublicKey pyth_receiver() {
  const auto key = base::PublicKey::parse("rec5EKMGg6MxZYaMdyBfgwp4d5rB9T1VQH5pJv5LtFJ");
  CHECK(key.has_value());
  return *key;
}

base::Result<market::PriceReading> pyth_reading(const PythPrice& price) {
  constexpr std::int64_t kLargest = std::numeric_limits<std::int64_t>::max() / 2;
  if (price.exponent < -12 || price.exponent > 0) return refused("its exponent is out of range");
  if (price.confidence < 0 || price.mantissa > kLargest || price.confidence >= price.mantissa) {
    return refused("its price or confidence is out of range");
  }
  const auto exponent = static_cast<std::int32_t>(price.exponent);
  const auto bid = market::micro_usd_from_scaled(price.mantissa - price.confidence, exponent);
  const auto ask = market::micro_usd_from_scaled(price.mantissa + price.confidence, exponent);
  const bool time_fits = price.publish_time_s > 0 && price.publish_time_s < kLargest / 1000;
  if (!bid || !ask || !time_fits) return refused("a number is out of range");
  return market::PriceReading{"pyth", *bid, *ask, price.publish_time_s * 1000, true};
}

base::Result<market::PriceReading> read_price_update(const ports::Account& account) {
  if (account.owner != pyth_receiver()) return refused("the account is not the receiver's");
  const base::Bytes& data = account.data;
  const base::Bytes expected = discriminator();
  if (data.size() < kLeastBytes || !std::equal(expected.begin(), expected.end(), data.begin())) {
    return refused("the account is no PriceUpdateV2");
  }
  if (data[40] != kFull) return refused("the update is not fully verified");
  base::Reader in(base::ByteView(data).subspan(kFullAt));
  const auto feed = in.take(32);
  if (base::to_hex(feed) != kPythSolUsd) return refused("the account is another feed's");
  PythPrice price;
  price.mantissa = in.i64();
  price.confidence = static_cast<std::int64_t>(
      std::min<std::uint64_t>(in.u64(), std::numeric_limits<std::int64_t>::max()));
  price.exponent = static_cast<std::int32_t>(in.u32());
  price.publish_time_s = in.i64();
  return pyth_reading(price);
}

}  // namespace obelisk::prices
