#include "apps/host/trust.hpp"

#include <gtest/gtest.h>

#include "base/crypto.hpp"
#include "core/market/ssh_fingerprint.hpp"
#include "core/market/terms.hpp"
#include "core/settlement/settlement.hpp"

namespace obelisk::host {
namespace {

using api::Wanted;

constexpr const char* kRenters =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBT3m2tPy86ooRYOZcD8rwkHiyoyBILs6A8of9Z2P3Bh";

base::PublicKey key(std::uint8_t fill) {
  base::PublicKey out;
  out.bytes.fill(fill);
  return out;
}

std::string others_key() { return "ssh-ed25519 " + base::to_base64(base::Bytes(51, 7)); }

// A lease that was admitted with the renter's own key.
struct Served {
  base::Keypair attestor = base::Keypair::from_seed({3});
  LeaseRecord record;

  Served() {
    market::Terms terms;
    terms.program = key(1);
    terms.market = key(2);
    terms.market_rev = 1;
    terms.attestor = attestor.public_key();
    terms.renter = key(5);
    terms.host = key(6);
    terms.expires_at = 1'795'000'000;
    terms.card = "cpu";
    terms.cards = {{"CPU-1", 1 << 30}};
    terms.image = "sha256:" + std::string(64, 'a');
    terms.ports = {market::kSshPort};
    terms.lamports_per_hour = 714'286;
    terms.seconds = 600;
    terms.max_seconds = 600;
    terms.debit = *market::breakdown_for({terms.lamports_per_hour, 0}, terms.seconds);
    terms.micro_usd_per_sol = 140'000'000;
    terms.ssh_key = *market::ssh_fingerprint(kRenters);
    record.watch_key = "ssh-ed25519 WATCH";
    record.wish = {"lease",           key(9),  Wanted::running, market::terms_text(terms),
                   base::Signature{}, kRenters};
  }

  api::Attestation attestation(std::uint64_t opened_slot, std::uint64_t alive_until) const {
    const auto message = escrow::encode_attestation(
        {key(1), key(9), opened_slot, static_cast<std::int64_t>(alive_until)});
    return {opened_slot, alive_until, attestor.sign(message)};
  }
};

TEST(Trust, TheRenterEntersOnceTheWayInIsOpen) {
  Served served;
  EXPECT_TRUE(keys_for(served.record).people.empty());
  EXPECT_FALSE(keys_for(served.record).watch_command.empty());
  served.record.wish.want = Wanted::open;
  EXPECT_EQ(keys_for(served.record).people, std::vector<std::string>{kRenters});
}

TEST(Trust, TheMarketCannotExchangeTheKeyAfterAdmission) {
  Served served;
  const api::MarketLease wish{"lease", key(9), Wanted::open, {}, {}, others_key()};
  served.record.wish = merged(served.record.wish, wish);
  EXPECT_EQ(keys_for(served.record).people, std::vector<std::string>{kRenters});
  // Not even where the record itself was made to hold another.
  served.record.wish.ssh_key = others_key();
  EXPECT_TRUE(keys_for(served.record).people.empty());
}

TEST(Trust, TermsAndQuoteAreThoseThatWereAdmitted) {
  const Served served;
  const api::MarketLease known = served.record.wish;
  const api::MarketLease wish{"lease", key(9), Wanted::gone, "{}", base::Signature{}, others_key()};
  const api::MarketLease now = merged(known, wish);
  EXPECT_EQ(now.want, Wanted::gone);
  EXPECT_EQ(now.terms, known.terms);
  EXPECT_EQ(now.quote_signature, known.quote_signature);
  EXPECT_EQ(now.ssh_key, known.ssh_key);
}

TEST(Trust, AnOpenWayInStaysOpen) {
  Served served;
  served.record.wish.want = Wanted::open;
  const api::MarketLease wish{"lease", key(9), Wanted::running, {}, {}, {}};
  EXPECT_EQ(merged(served.record.wish, wish).want, Wanted::open);
}

TEST(Trust, AProofIsOfThisLeaseItsAttestorAndThisOpening) {
  Served served;
  const auto good = served.attestation(42, 1'795'000'100);
  EXPECT_TRUE(is_proof(key(1), served.record, good)) << "before the opening is known";
  served.record.opened_slot = 42;
  EXPECT_TRUE(is_proof(key(1), served.record, good));
  EXPECT_FALSE(is_proof(key(1), served.record, served.attestation(1, INT64_MAX)));
  EXPECT_FALSE(is_proof(key(2), served.record, good)) << "another program";
  auto forged = good;
  forged.alive_until += 1;
  EXPECT_FALSE(is_proof(key(1), served.record, forged));
  served.record.wish.lease = key(8);
  EXPECT_FALSE(is_proof(key(1), served.record, good)) << "another lease";
}

}  // namespace
}  // namespace obelisk::host
