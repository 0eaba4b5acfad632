#include "core/tunnel/pass.hpp"

#include <gtest/gtest.h>

#include "base/crypto.hpp"

namespace obelisk::tunnel {
namespace {

constexpr base::UnixSeconds kNow = 1'800'000'000;

base::Keypair wallet(std::uint8_t seed) {
  std::array<std::uint8_t, 32> bytes{};
  bytes.fill(seed);
  return base::Keypair::from_seed(bytes);
}

base::PublicKey lease(std::uint8_t fill) {
  base::PublicKey out;
  out.bytes.fill(fill);
  return out;
}

Pass pass_of(std::uint16_t port, Audience audience = Audience::holder,
             base::UnixSeconds from_s = kNow, base::UnixSeconds until_s = kNow + 600) {
  const auto text = pass_text(lease(1), port, audience, from_s, until_s);
  return {audience, from_s, until_s, wallet(1).sign(base::view_of(text))};
}

bool is_good(const Pass& pass, std::uint16_t port = 8888, base::UnixSeconds now_s = kNow) {
  return check_pass(pass, lease(1), port, wallet(1).public_key(), now_s).ok();
}

TEST(TunnelPass, TheTextCanBeReadInAWalletsWindow) {
  EXPECT_EQ(pass_text(lease(0), 8888, Audience::holder, kNow, kNow + 60),
            "OBELISK: whoever holds this may visit\n"
            "lease: 11111111111111111111111111111111\n"
            "port: 8888\n"
            "from: 2027-01-15T08:00:00Z\n"
            "until: 2027-01-15T08:01:00Z");
  EXPECT_NE(pass_text(lease(0), kTerminal, Audience::holder, kNow, kNow).find("port: terminal\n"),
            std::string::npos);
}

TEST(TunnelPass, IsGoodForWhatWasSignedAndNothingElse) {
  EXPECT_TRUE(is_good(pass_of(8888)));
  EXPECT_TRUE(is_good(pass_of(kTerminal), kTerminal));
  EXPECT_FALSE(is_good(pass_of(8888), 8889)) << "another port";
  EXPECT_FALSE(is_good(pass_of(8888), kTerminal));
  const auto renter = wallet(1).public_key();
  EXPECT_FALSE(check_pass(pass_of(8888), lease(2), 8888, renter, kNow)) << "another lease";
  EXPECT_FALSE(check_pass(pass_of(8888), lease(1), 8888, wallet(2).public_key(), kNow));
  auto pass = pass_of(8888);
  pass.audience = Audience::everybody;
  EXPECT_FALSE(is_good(pass)) << "the holder's alone";
  pass = pass_of(8888);
  pass.until_s += 1;
  EXPECT_FALSE(is_good(pass));
  EXPECT_TRUE(is_good(pass_of(8888, Audience::everybody)));
  EXPECT_TRUE(is_good(pass_of(8888, Audience::nobody)));
}

TEST(TunnelPass, ATerminalIsNeverEverybodys) {
  EXPECT_FALSE(is_good(pass_of(kTerminal, Audience::everybody), kTerminal));
  EXPECT_FALSE(is_good(pass_of(kTerminal, Audience::nobody), kTerminal));
}

TEST(TunnelPass, HoldsForItsTimeAlone) {
  EXPECT_TRUE(is_good(pass_of(8888), 8888, kNow + 599));
  EXPECT_FALSE(is_good(pass_of(8888), 8888, kNow + 600));
  EXPECT_TRUE(is_good(pass_of(8888), 8888, kNow - kPassAheadS)) << "clocks differ";
  EXPECT_FALSE(is_good(pass_of(8888), 8888, kNow - kPassAheadS - 1));
  const auto long_one = [](base::UnixSeconds seconds) {
    return pass_of(8888, Audience::holder, kNow, kNow + seconds);
  };
  EXPECT_TRUE(is_good(long_one(kLongestPassS)));
  EXPECT_FALSE(is_good(long_one(kLongestPassS + 1)));
  EXPECT_FALSE(is_good(pass_of(8888, Audience::holder, kNow, kNow)));
  EXPECT_FALSE(is_good(pass_of(8888, Audience::holder, INT64_MIN, INT64_MAX)));
  EXPECT_FALSE(is_good(pass_of(8888, Audience::holder, 0, INT64_MAX)));
}

TEST(TunnelPass, ItsTextIsReadBackExactly) {
  const Pass pass = pass_of(8888, Audience::everybody);
  const auto text = to_text(pass);
  EXPECT_EQ(text.size(), 108u);
  EXPECT_EQ(text.find_first_of("+/= "), std::string::npos) << "it goes into a link";
  EXPECT_EQ(pass_from(text), pass);
  EXPECT_FALSE(pass_from(text.substr(1)));
  EXPECT_FALSE(pass_from(text + "A"));
  EXPECT_FALSE(pass_from(""));
  auto other = text;
  other[5] = '+';
  EXPECT_FALSE(pass_from(other));
  auto bytes = encode_pass(pass);
  bytes[0] = 4;
  EXPECT_FALSE(decode_pass(bytes)) << "for whom nobody knows";
}

}  // namespace
}  // namespace obelisk::tunnel
