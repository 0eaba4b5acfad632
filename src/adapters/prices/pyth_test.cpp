// Accounts built from the documented layout of PriceUpdateV2; none of them was recorded.
#include "adapters/prices/pyth.hpp"

#include <gtest/gtest.h>

#include "adapters/prices/tickers.hpp"
#include "base/crypto.hpp"

namespace obelisk::prices {
namespace {

struct Update {
  base::PublicKey owner = pyth_receiver();
  std::string type = "account:PriceUpdateV2";
  std::uint8_t level = 1;
  std::string feed{kPythSolUsd};
  std::int64_t mantissa = 14'237'000'000;
  std::uint64_t confidence = 9'000'000;
  std::int32_t exponent = -8;
  std::int64_t time_s = 1'795'348'800;

  ports::Account account() const {
    base::Writer out;
    out.put(base::sha256(base::view_of(type)).view().first(8));
    out.put(base::Bytes(32, 7));
    out.u8(level);
    out.put(*base::from_hex(feed));
    out.i64(mantissa);
    out.u64(confidence);
    out.u32(static_cast<std::uint32_t>(exponent));
    out.i64(time_s);
    out.put(base::Bytes(33, 0));
    return {{1'825'000}, owner, std::move(out).take()};
  }
};

TEST(Pyth, AFullUpdateIsRead) {
  const auto reading = read_price_update(Update{}.account());
  ASSERT_TRUE(reading) << reading.error().message;
  EXPECT_EQ(reading->bid, 142'280'000u);
  EXPECT_EQ(reading->ask, 142'460'000u);
  EXPECT_EQ(reading->at_ms, 1'795'348'800'000);
}

TEST(Pyth, AnythingElseIsRefused) {
  const auto refused = [](auto change) {
    Update update;
    change(update);
    return !read_price_update(update.account());
  };
  EXPECT_TRUE(refused([](Update& u) { u.owner = {}; }));
  EXPECT_TRUE(refused([](Update& u) { u.type = "account:PriceUpdateV1"; }));
  EXPECT_TRUE(refused([](Update& u) { u.level = 0; }));
  EXPECT_TRUE(refused([](Update& u) { u.feed = std::string(64, '0'); }));
  EXPECT_TRUE(refused([](Update& u) { u.mantissa = 0; }));
  EXPECT_TRUE(refused([](Update& u) { u.mantissa = INT64_MIN; }));
  EXPECT_TRUE(refused([](Update& u) { u.confidence = UINT64_MAX; }));
  EXPECT_TRUE(refused([](Update& u) { u.exponent = 3; }));
  EXPECT_TRUE(refused([](Update& u) { u.time_s = 0; }));
  ports::Account account = Update{}.account();
  for (std::size_t size = 0; size < 101; ++size) {
    account.data.resize(size);
    EXPECT_FALSE(read_price_update(account)) << size;
    account = Update{}.account();
  }
}

}  // namespace
}  // namespace obelisk::prices
