#include "apps/host/admission.hpp"

#include <gtest/gtest.h>

#include "apps/host/collecting.hpp"
#include "base/crypto.hpp"
#include "core/escrow/codec.hpp"
#include "core/market/ssh_fingerprint.hpp"

namespace obelisk::host {
namespace {

base::PublicKey key(std::uint8_t fill) {
  base::PublicKey out;
  out.bytes.fill(fill);
  return out;
}

constexpr const char* kSshKey =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBT3m2tPy86ooRYOZcD8rwkHiyoyBILs6A8of9Z2P3Bh";

// One honest lease of two cards; each test bends one thing.
class Admission : public testing::Test {
 protected:
  Admission() {
    terms.program = ground.program = key(1);
    terms.market = ground.market = key(2);
    terms.host = ground.host = key(6);
    terms.market_rev = 1;
    terms.attestor = attestor.public_key();
    terms.renter = key(5);
    terms.nonce = 77;
    terms.expires_at = 1'795'000'000;
    terms.offer = "0123456789abcdef";
    terms.card = "rtx-4090";
    terms.cards = {{"GPU-1", 24ull << 30}, {"GPU-2", 24ull << 30}};
    terms.image = "sha256:" + std::string(64, 'a');
    ground.listing.images = {{terms.image, "ssh", 400'000'000}};
    terms.disk_bytes = 50'000'000'000;
    terms.ram_bytes = 64'000'000'000;
    terms.cpu_milli = 8000;
    terms.ports = {market::kSshPort};
    terms.lamports_per_hour = 9'857'143;
    terms.seconds = 5400;
    terms.max_seconds = 86'400;
    terms.fee_bps = 250;
    terms.debit = *market::breakdown_for({terms.lamports_per_hour, 9'800'000}, terms.seconds);
    terms.micro_usd_per_sol = 140'000'000;
    terms.sol_price_at_ms = 1'794'999'990'123;
    terms.sol_price_source = "fixed";
    terms.ssh_key = *market::ssh_fingerprint(kSshKey);
    ground.listing.host = ground.host;
    ground.listing.micro_usd_per_hour = 600'000;  // two cards: 8,571,429 lamports at $140
    ground.listing.disk_bytes_max = 100'000'000'000;
    ground.listing.ram_bytes = 96'000'000'000;
    ground.listing.cpu_milli = 12'000;
    ground.listing.max_seconds = 86'400;
    for (const char* uuid : {"GPU-1", "GPU-2", "GPU-3"}) {
      ground.listing.cards.push_back({uuid, "rtx-4090", "NVIDIA GeForce RTX 4090", 24ull << 30});
    }
  }

  // The wish and the account that belong to `terms` as they are now.
  api::MarketLease wish() const {
    api::MarketLease out{"lease", key(9), api::Wanted::running, {}, {}, {}};
    out.terms = market::terms_text(terms);
    out.quote_signature = attestor.sign(market::quote_message(market::terms_hash(*out.terms)));
    out.ssh_key = kSshKey;
    return out;
  }
  escrow::Lease lease() const {
    escrow::Lease out{};
    out.kind = escrow::kLeaseKind;
    out.version = escrow::kVersion;
    out.state = escrow::State::funded;
    out.renter = escrow::to_key(terms.renter);
    out.host = escrow::to_key(terms.host);
    out.market = escrow::to_key(terms.market);
    out.attestor = escrow::to_key(terms.attestor);
    out.terms_hash = escrow::to_key(market::terms_hash(market::terms_text(terms)));
    out.nonce = terms.nonce;
    out.rate = terms.lamports_per_hour;
    out.fee_bps = terms.fee_bps;
    out.seconds = terms.seconds;
    out.max_seconds = terms.max_seconds;
    return out;
  }
  std::optional<ports::Account> account(const escrow::Lease& lease) const {
    return ports::Account{{1'000'000'000}, ground.program, escrow::encode_lease(lease)};
  }
  void refuses(const api::MarketLease& wish, const std::optional<ports::Account>& account,
               const char* because) {
    const auto admitted = admit(ground, wish, account, {});
    ASSERT_FALSE(admitted) << because;
    EXPECT_NE(admitted.error().message.find(because), std::string::npos)
        << admitted.error().message;
  }

  base::Keypair attestor = base::Keypair::random();
  Ground ground;
  market::Terms terms;
};

TEST_F(Admission, WhatNobodyCanPayAnyMoreIsKnownByItsTerms) {
  const std::string text = market::terms_text(terms);
  EXPECT_FALSE(is_past_paying(text, terms.expires_at + kOpenLandingS));
  EXPECT_TRUE(is_past_paying(text, terms.expires_at + kOpenLandingS + 1));
  EXPECT_FALSE(is_past_paying("", terms.expires_at + 10'000)) << "of these nothing is known";
}

TEST_F(Admission, AnHonestLeaseGetsItsContainer) {
  const auto admitted = admit(ground, wish(), account(lease()), {"GPU-3"});
  ASSERT_TRUE(admitted) << admitted.error().message;
  EXPECT_EQ(admitted->container.lease, key(9).to_string());
  EXPECT_EQ(admitted->container.gpu_uuids, (std::vector<std::string>{"GPU-1", "GPU-2"}));
  EXPECT_EQ(admitted->container.disk_bytes, terms.disk_bytes);
  EXPECT_TRUE(admitted->container.keys.people.empty());
}

TEST_F(Admission, SimulatedCardsAreNeverPassedIn) {
  terms.simulated = ground.listing.simulated = true;
  const auto admitted = admit(ground, wish(), account(lease()), {});
  ASSERT_TRUE(admitted);
  EXPECT_TRUE(admitted->container.gpu_uuids.empty());
  ground.listing.simulated = false;
  refuses(wish(), account(lease()), "simulation");
}

TEST_F(Admission, NothingIsServedBeforeItIsPaid) {
  const auto admitted = admit(ground, wish(), std::nullopt, {});
  ASSERT_FALSE(admitted);
  EXPECT_EQ(admitted.error().code, base::Code::not_found);
  auto foreign = account(lease());
  foreign->owner = key(8);
  EXPECT_EQ(admit(ground, wish(), foreign, {}).error().code, base::Code::not_found);
}

TEST_F(Admission, EveryFieldOfTheChainMustBeTheQuotes) {
  const escrow::Lease good = lease();
  const auto bent = [&](auto change) {
    escrow::Lease other = good;
    change(other);
    refuses(wish(), account(other), "not what the quote says");
  };
  bent([](escrow::Lease& l) { l.renter.words[0] ^= 1; });
  bent([](escrow::Lease& l) { l.host.words[1] ^= 1; });
  bent([](escrow::Lease& l) { l.market.words[2] ^= 1; });
  bent([](escrow::Lease& l) { l.attestor.words[3] ^= 1; });
  bent([](escrow::Lease& l) { l.terms_hash.words[0] ^= 1; });
  bent([](escrow::Lease& l) { l.nonce += 1; });
  bent([](escrow::Lease& l) { l.rate -= 1; });
  bent([](escrow::Lease& l) { l.fee_bps += 1; });
  bent([](escrow::Lease& l) { l.max_seconds += 1; });
  bent([](escrow::Lease& l) { l.seconds -= 1; });
}

TEST_F(Admission, AQuoteOfSomebodyElseIsNoQuote) {
  auto forged = wish();
  forged.quote_signature->bytes[5] ^= 1;
  refuses(forged, account(lease()), "signature");
  auto changed = wish();
  changed.terms->replace(changed.terms->find("5400"), 4, "5401");
  EXPECT_FALSE(admit(ground, changed, account(lease()), {}));
  auto naked = wish();
  naked.terms.reset();
  refuses(naked, account(lease()), "no terms");
}

TEST_F(Admission, OnlyTheKeyThatTheRenterSignedForMayEnter) {
  auto another = wish();
  another.ssh_key = "ssh-ed25519 " + base::to_base64(base::Bytes(51, 7));
  refuses(another, account(lease()), "not the one the renter signed for");
  another.ssh_key = "nonsense";
  refuses(another, account(lease()), "not the one the renter signed for");
}

TEST_F(Admission, NothingBelowItsPriceAndNoMoreThanItHas) {
  ground.listing.micro_usd_per_hour = 700'000;
  refuses(wish(), account(lease()), "below this host's price");
  ground.listing.micro_usd_per_hour = 600'000;
  const api::Listing good = ground.listing;
  const auto bent = [&](auto change) {
    ground.listing = good;
    change(ground.listing);
    refuses(wish(), account(lease()), "more of this machine");
  };
  bent([](api::Listing& l) { l.max_seconds = 86'399; });
  bent([](api::Listing& l) { l.disk_bytes_max = 74'999'999'998; });
  bent([](api::Listing& l) { l.ram_bytes = 95'999'999'997; });
  bent([](api::Listing& l) { l.cpu_milli = 11'997; });
}

TEST_F(Admission, NothingShorterThanItRentsFor) {
  ground.listing.min_seconds = terms.seconds;
  EXPECT_TRUE(admit(ground, wish(), account(lease()), {}));
  ground.listing.min_seconds = terms.seconds + 1;
  refuses(wish(), account(lease()), "less time than this host rents for");
}

TEST_F(Admission, OnlyMyOwnFreeCards) {
  EXPECT_FALSE(admit(ground, wish(), account(lease()), {"GPU-2"}));
  terms.cards[1].uuid = "GPU-9";
  refuses(wish(), account(lease()), "no card GPU-9");
  ground.host = key(7);
  refuses(wish(), account(lease()), "another host");
}

}  // namespace
}  // namespace obelisk::host
