#include "core/tunnel/publication.hpp"

#include <gtest/gtest.h>

#include <set>

#include "base/crypto.hpp"
#include "core/market/terms_testing.hpp"
#include "core/settlement/settlement.hpp"

namespace obelisk::tunnel {
namespace {

using market::testing::key;

const base::Keypair attestor_pair = base::Keypair::from_seed({1});

market::Terms terms() {
  auto out = market::testing::example();
  out.attestor = attestor_pair.public_key();
  return out;
}

Publish publish(const market::Terms& what) {
  Publish out;
  out.terms = market::terms_text(what);
  out.quote_signature = attestor_pair.sign(market::quote_message(market::terms_hash(out.terms)));
  out.lease = settlement::lease_address(what.program, what.renter, what.nonce).address;
  return out;
}

constexpr base::UnixSeconds kNow = 1'794'999'000;

std::string why(const Publish& what, const base::PublicKey& host, base::UnixSeconds now_s = kNow) {
  const auto checked = check_publish(what, host, {key(99), attestor_pair.public_key()}, now_s);
  return checked ? "" : checked.error().message;
}

TEST(Publication, AHostPublishesItsOwnLease) {
  auto wanted = terms();
  wanted.ports = {8888, 22, 8000};
  const auto lease =
      check_publish(publish(wanted), wanted.host, {attestor_pair.public_key()}, kNow);
  ASSERT_TRUE(lease) << lease.error().message;
  EXPECT_EQ(lease->ports, (std::vector<std::uint16_t>{22, 8888, 8000})) << "ssh first, and once";
  EXPECT_EQ(lease->renter, wanted.renter);
}

TEST(Publication, NothingElseIsTaken) {
  const auto good = publish(terms());
  EXPECT_EQ(why(good, terms().host), "");
  EXPECT_EQ(why(good, key(77)), "The lease is another host's.");
  auto bad = good;
  bad.lease = key(7);
  EXPECT_EQ(why(bad, terms().host), "The quote is another lease's.");
  bad = good;
  bad.quote_signature.bytes[5] ^= 1;
  EXPECT_EQ(why(bad, terms().host), "The quote is not signed by its attestor.");
  bad = good;
  bad.terms += " ";
  EXPECT_EQ(why(bad, terms().host), "The terms are none.");
  auto foreign = terms();
  foreign.attestor = key(55);
  EXPECT_EQ(why(publish(foreign), foreign.host),
            "The quote is of an attestor that this gateway does not serve.");
}

TEST(Publication, AQuoteIsGoodForAsLongAsItsLeaseCanRun) {
  const auto one = terms();
  const auto over_s = one.expires_at + one.max_seconds + kAfterTheLastSecondS;
  EXPECT_EQ(why(publish(one), one.host, over_s - 1), "");
  EXPECT_EQ(why(publish(one), one.host, over_s), "The lease of that quote is long over.");
}

TEST(Publication, APortComesBackAfterEverythingIsForgotten) {
  const PortRange range{20'000, 29'999};
  const auto free = [](std::uint16_t) { return true; };
  const auto port = choose_port(key(1), 0, range, free);
  ASSERT_TRUE(port);
  EXPECT_EQ(choose_port(key(1), 0, range, free), port);
  EXPECT_EQ(choose_port(key(1), 25'000, range, free), 25'000);
  EXPECT_EQ(choose_port(key(1), 30'000, range, free), port) << "outside of the range";
  std::set<std::uint16_t> different;
  for (std::uint8_t i = 0; i < 50; ++i) different.insert(*choose_port(key(i), 0, range, free));
  EXPECT_GT(different.size(), 45u);
}

TEST(Publication, EachPortIsAskedOnceAndTheLastFreeOneIsFound) {
  const PortRange range{65'530, 65'535};
  std::set<std::uint16_t> asked;
  const auto only = [&](std::uint16_t port) {
    EXPECT_TRUE(asked.insert(port).second) << port;
    return port == 65'531;
  };
  EXPECT_EQ(choose_port(key(1), 65'533, range, only), 65'531);
  asked.clear();
  const auto none = [&](std::uint16_t port) {
    asked.insert(port);
    return false;
  };
  EXPECT_FALSE(choose_port(key(1), 65'533, range, none));
  EXPECT_EQ(asked.size(), 6u);
}

}  // namespace
}  // namespace obelisk::tunnel
