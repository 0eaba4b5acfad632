#include "apps/market/card_proofs.hpp"

#include <gtest/gtest.h>

#include <condition_variable>

#include "apps/market/testing.hpp"
#include "base/crypto.hpp"
#include "core/cards/proof_testing.hpp"
#include "core/market/terms_testing.hpp"

namespace obelisk::market_app {
namespace {

using engine::CardCheck;
using testing::key;

constexpr const char* kFirst = "GPU-00000000-0000-0000-0000-000000000001";
constexpr const char* kSecond = "GPU-00000000-0000-0000-0000-000000000002";

class KeySigner final : public ports::Signer {
 public:
  const base::PublicKey& public_key() const override { return pair.public_key(); }
  base::Signature sign(base::ByteView message) override { return pair.sign(message); }
  base::Keypair pair = base::Keypair::random();
};

class Proofs : public ::testing::Test {
 protected:
  Proofs() { restart(); }
  void restart() {
    proofs.reset();
    proofs = std::make_unique<CardProofs>(
        CardProofParts{clock, market_id, attestor, log,
                       [this](const base::PublicKey&, const std::string& message) {
                         const std::lock_guard lock(mutex);
                         sent.push_back(message);
                       },
                       [this](const base::PublicKey&, const base::Error& why) {
                         const std::lock_guard lock(mutex);
                         notices.push_back(why.message);
                       },
                       [this](const base::PublicKey&) {
                         const std::lock_guard lock(mutex);
                         ++changes;
                         changed.notify_all();
                       }});
  }

  market::Listing listing(const std::vector<std::string>& uuids = {kFirst}, bool simulated = true) {
    market::Listing out;
    out.host = host.public_key();
    out.simulated = simulated;
    for (const auto& uuid : uuids) out.cards.push_back({uuid, "a40", "NVIDIA A40", 48ull << 30});
    return out;
  }
  // A lease of the first card, proven when it was quoted.
  lease::Quote quote() {
    market::Terms terms = market::testing::example();
    terms.host = host.public_key();
    terms.cards = {{kFirst, 48ull << 30, 14ull << 20}};
    lease::Quote out;
    out.lease = key(77);
    out.host = terms.host;
    out.simulated = true;
    out.terms = market::terms_text(terms);
    return out;
  }

  api::MarketProve question() {
    const std::lock_guard lock(mutex);
    return *api::market_prove_from_json(sent.back());
  }
  // What a host says that has such a card of so many chunks.
  api::HostCardProof answer(const api::MarketProve& asked, const std::string& uuid,
                            std::uint32_t chunks = 8) {
    cards::Nonce nonce;
    std::ranges::copy(*base::from_hex(asked.nonce), nonce.begin());
    cards::MemoryTerms terms;
    terms.chunks = chunks;
    terms.seed = cards::card_seed(nonce, uuid);
    const auto proof = cards::testing::proof_of(terms, cards::testing::filled(terms));
    api::HostCardProof out{"card_proof", asked.nonce, uuid, chunks, 5, {}, {}, {}};
    out.proof = base::to_base64(cards::to_bytes(proof));
    out.signature = host.pair.sign(cards::proof_message(market_id, nonce, uuid, terms, proof.root));
    return out;
  }
  // Says it, and waits until the market has looked at it.
  void say(const api::HostCardProof& words) {
    std::unique_lock lock(mutex);
    const int before = changes;
    lock.unlock();
    proofs->answered(host.public_key(), words);
    lock.lock();
    changed.wait(lock, [&] { return changes > before; });
  }
  std::uint64_t proven(const char* uuid = kFirst) {
    return proofs->proven_bytes(host.public_key(), uuid);
  }
  bool withheld() { return proofs->is_withheld(host.public_key()); }

  const base::PublicKey market_id = key(2);
  testing::TestClock clock;
  testing::QuietLog log;
  KeySigner attestor;
  KeySigner host;
  std::mutex mutex;
  std::condition_variable changed;
  int changes = 0;
  std::vector<std::string> sent;
  std::vector<std::string> notices;
  std::unique_ptr<CardProofs> proofs;
};

TEST_F(Proofs, ANewCardIsAskedAndOffersNothingUntilItAnswers) {
  proofs->listed(listing(), {});
  EXPECT_TRUE(withheld());
  EXPECT_EQ(question().cards, std::vector<std::string>{kFirst});
  EXPECT_FALSE(question().lease);
  say(answer(question(), kFirst));
  EXPECT_FALSE(withheld());
  EXPECT_EQ(proven(), 2u << 20);
}

TEST_F(Proofs, TheMarketsWordIsKeptByTheHostAndHoldsAfterARestart) {
  proofs->listed(listing(), {});
  say(answer(question(), kFirst));
  const api::ProvenCard word = api::market_proven_from_json(sent.back())->proven;
  restart();
  sent.clear();
  proofs->listed(listing(), {word});
  EXPECT_TRUE(sent.empty());
  EXPECT_EQ(proven(), 2u << 20);
  for (int change = 0; change < 4; ++change) {
    api::ProvenCard other = word;
    if (change == 0) other.chunks += 1;
    if (change == 1) other.at_s += 1;
    if (change == 2) other.signature = host.pair.sign({});
    if (change == 3) other.uuid = kSecond;
    restart();
    proofs->listed(listing(), {other});
    EXPECT_EQ(proven(), 0u) << change;
    EXPECT_TRUE(withheld()) << change;
  }
  restart();
  clock.steady += (cards::kProvenForS + 1) * 1000;
  proofs->listed(listing(), {word});
  EXPECT_EQ(proven(), 0u) << "not for ever";
}

TEST_F(Proofs, AllCardsOfAHostAreAskedTogether) {
  proofs->listed(listing(), {});
  say(answer(question(), kFirst));
  proofs->host_gone(host.public_key());
  proofs->listed(listing({kFirst, kSecond}), {});
  EXPECT_EQ(question().cards.size(), 2u);
  proofs->answered(host.public_key(), answer(question(), kFirst));
  EXPECT_TRUE(withheld());
  say(answer(question(), kSecond));
  EXPECT_FALSE(withheld());
  EXPECT_EQ(proven(kSecond), 2u << 20);
}

TEST_F(Proofs, WhoCannotAnswerIsOfferedUnproven) {
  proofs->listed(listing(), {});
  api::HostCardProof sorry{"card_proof", question().nonce, kFirst, {}, {}, {}, {}, "no libcuda"};
  say(sorry);
  EXPECT_FALSE(withheld());
  EXPECT_EQ(proven(), 0u);
  sent.clear();
  proofs->listed(listing(), {});
  EXPECT_TRUE(sent.empty()) << "once a connection";
  proofs->host_gone(host.public_key());
  proofs->listed(listing(), {});
  EXPECT_EQ(sent.size(), 1u);
}

TEST_F(Proofs, AWrongAnswerOffersNothingUntilARightOne) {
  proofs->listed(listing(), {});
  api::HostCardProof lie = answer(question(), kFirst);
  auto bytes = *base::from_base64(*lie.proof);
  bytes[40] ^= 1;
  lie.proof = base::to_base64(bytes);
  say(lie);
  EXPECT_TRUE(withheld());
  EXPECT_EQ(notices.size(), 1u);
  proofs->host_gone(host.public_key());
  proofs->listed(listing(), {});
  say(answer(question(), kFirst));
  EXPECT_FALSE(withheld());
}

TEST_F(Proofs, NobodyElsesProofCounts) {
  proofs->listed(listing(), {});
  api::HostCardProof other = answer(question(), kFirst);
  other.signature = attestor.pair.sign({});
  say(other);
  EXPECT_EQ(proven(), 0u);
  restart();
  proofs->listed(listing(), {});
  const auto old = answer(question(), kFirst);
  restart();
  proofs->listed(listing(), {});
  proofs->answered(host.public_key(), old);
  EXPECT_TRUE(withheld()) << "another nonce";
  // Of a real card a part is not enough.
  restart();
  proofs->listed(listing({kFirst}, false), {});
  say(answer(question(), kFirst));
  EXPECT_EQ(proven(), 0u);
}

TEST_F(Proofs, WhoNeverAnswersIsOfferedUnprovenInTheEnd) {
  proofs->listed(listing(), {});
  const auto late = answer(question(), kFirst);
  clock.steady += kWholeProofMs + 5'001;
  proofs->sweep();
  EXPECT_FALSE(withheld());
  proofs->answered(host.public_key(), late);
  EXPECT_EQ(proven(), 0u);
}

TEST_F(Proofs, OnlyWhatHasADriversNameIsAsked) {
  // The last is an instance as drivers before 470 named them.
  proofs->listed(listing({"cpu-0123", "GPU-1", "MIG-GPU-00000000-0000-0000-0000-000000000001"}),
                 {});
  EXPECT_TRUE(sent.empty());
  EXPECT_FALSE(withheld());
}

TEST_F(Proofs, AnInstanceOfACutCardIsAskedAsACard) {
  const std::string uuid = "MIG-00000000-0000-0000-0000-000000000001";
  proofs->listed(listing({"cpu-0123", uuid}), {});
  EXPECT_EQ(question().cards, std::vector<std::string>{uuid});
  EXPECT_TRUE(withheld());
}

TEST_F(Proofs, ALeaseOfProvenCardsWaitsForItsSample) {
  const lease::Quote lease = quote();
  EXPECT_EQ(proofs->said(lease).check, CardCheck::waiting) << "also before it was asked";
  proofs->ask(lease);
  EXPECT_EQ(question().lease, lease.lease);
  EXPECT_EQ(proofs->said(lease).check, CardCheck::waiting);
  EXPECT_FALSE(withheld());
  const auto first = question();
  proofs->ask(lease);
  EXPECT_NE(question().nonce, first.nonce) << "an earlier question may have been lost";
  say(answer(question(), kFirst));
  EXPECT_EQ(proofs->said(lease).check, CardCheck::good);
  sent.clear();
  proofs->ask(lease);
  EXPECT_TRUE(sent.empty());
}

TEST_F(Proofs, ASampleThatIsWrongOrMissingIsAWrongCard) {
  const lease::Quote lease = quote();
  proofs->ask(lease);
  say({"card_proof", question().nonce, kFirst, {}, {}, {}, {}, "It hangs."});
  EXPECT_EQ(proofs->said(lease).check, CardCheck::wrong);
  EXPECT_EQ(proofs->said(lease).why, "It hangs.");
  lease::Quote other = quote();
  other.lease = key(78);
  proofs->ask(other);
  api::HostCardProof lie = answer(question(), kFirst);
  lie.chunks = 9;
  say(lie);
  EXPECT_EQ(proofs->said(other).check, CardCheck::wrong);
  EXPECT_EQ(proven(), 0u) << "a sample proves no memory";
}

TEST_F(Proofs, ALeaseOfUnprovenCardsIsAskedForNothing) {
  lease::Quote lease = quote();
  market::Terms terms = *market::read_terms(lease.terms);
  terms.cards[0].proven_bytes = 0;
  lease.terms = market::terms_text(terms);
  proofs->ask(lease);
  EXPECT_TRUE(sent.empty());
  EXPECT_EQ(proofs->said(lease).check, CardCheck::none);
}

}  // namespace
}  // namespace obelisk::market_app
