#include "apps/host/proving/prover.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>

#include "adapters/fake/fake_clock.hpp"
#include "apps/host/proving/proven_cards.hpp"
#include "base/crypto.hpp"
#include "core/cards/proof_testing.hpp"

namespace obelisk::host {
namespace {

constexpr const char* kCard = "GPU-00000000-0000-0000-0000-000000000001";
const std::string nonce_text(64, 'a');

class KeySigner final : public ports::Signer {
 public:
  const base::PublicKey& public_key() const override { return key_.public_key(); }
  base::Signature sign(base::ByteView message) override { return key_.sign(message); }

 private:
  base::Keypair key_ = base::Keypair::random();
};

// A card of eight chunks; rounds as everywhere.
base::Result<CardAnswer> proven_on_cpu(const std::string& uuid, const cards::Nonce& nonce) {
  cards::MemoryTerms terms;
  terms.chunks = 8;
  terms.seed = cards::card_seed(nonce, uuid);
  const auto proof = cards::testing::proof_of(terms, cards::testing::filled(terms));
  return CardAnswer{8, 12, cards::to_bytes(proof)};
}

class ProverTest : public ::testing::Test {
 protected:
  ProverParts parts() {
    ProverParts out{{}, signer, clock, {}, {}, {}, {}, {}, {}};
    out.cards = {kCard};
    out.prove = [this](const std::string& uuid, const cards::Nonce& nonce, bool whole) {
      was_whole = whole;
      return fails ? base::Result<CardAnswer>(base::Error{base::Code::unreachable, "It hangs.", ""})
                   : proven_on_cpu(uuid, nonce);
    };
    out.is_idle = [this] { return idle; };
    out.is_coming = [this](const base::PublicKey& lease) { return lease == coming; };
    out.say = [this](const std::string& text) {
      const std::lock_guard lock(mutex);
      said.push_back(*api::host_card_proof_from_json(text));
      changed.notify_all();
    };
    out.log = [](const std::string&) {};
    return out;
  }
  api::HostCardProof answer(Prover& prover, const api::MarketProve& question) {
    said.clear();
    prover.asked(question);
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] { return !said.empty(); });
    return said.front();
  }
  static api::MarketProve question(std::optional<base::PublicKey> lease = {}) {
    return {"prove", nonce_text, {kCard}, lease};
  }

  KeySigner signer;
  fake::FakeClock clock;
  bool idle = true;
  std::atomic<bool> fails = false;
  std::atomic<bool> was_whole = false;
  base::PublicKey coming;
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<api::HostCardProof> said;
};

TEST_F(ProverTest, AnswersWithAProofThatItSigned) {
  Prover prover(parts());
  const auto said = answer(prover, question());
  EXPECT_TRUE(was_whole);
  ASSERT_FALSE(said.failure) << *said.failure;
  cards::MemoryTerms terms;
  terms.chunks = *said.chunks;
  cards::Nonce nonce;
  nonce.fill(0xaa);
  terms.seed = cards::card_seed(nonce, kCard);
  const auto proof = cards::read_proof(terms, *base::from_base64(*said.proof));
  ASSERT_TRUE(proof && cards::verify(terms, *proof));
  EXPECT_TRUE(base::verify(signer.public_key(),
                           cards::proof_message({}, nonce, kCard, terms, proof->root),
                           *said.signature));
}

TEST_F(ProverTest, TheWholeMemoryOnlyOfAnIdleHostAndNotAgainAndAgain) {
  Prover prover(parts());
  idle = false;
  EXPECT_TRUE(answer(prover, question()).failure);
  idle = true;
  EXPECT_FALSE(answer(prover, question()).failure);
  EXPECT_TRUE(answer(prover, question()).failure) << "at once again";
  clock.advance_ms(kWholeAgainMs);
  EXPECT_FALSE(answer(prover, question()).failure);
}

TEST_F(ProverTest, ASampleForALeaseThatIsBeingMadeAndNoOther) {
  Prover prover(parts());
  idle = false;
  coming.bytes[0] = 7;
  EXPECT_TRUE(answer(prover, question(base::PublicKey{})).failure);
  for (int i = 0; i < kSamplesPerLease; ++i) {
    EXPECT_FALSE(answer(prover, question(coming)).failure);
    EXPECT_FALSE(was_whole);
  }
  EXPECT_TRUE(answer(prover, question(coming)).failure);
}

TEST_F(ProverTest, WhatCannotBeProvenIsSaid) {
  Prover prover(parts());
  fails = true;
  EXPECT_EQ(answer(prover, question()).failure, "It hangs.");
  api::MarketProve other = question();
  other.cards = {"GPU-other"};
  EXPECT_TRUE(answer(prover, other).failure);
}

TEST(CardAnswer, GoesThroughItsLine) {
  const CardAnswer answer{8, 12, {1, 2, 3}};
  EXPECT_EQ(answer_from_json(to_json(answer)), answer);
  for (const std::string& line : {std::string("{}"), std::string("x"), std::string(99'999, '{'),
                                  std::string(R"({"chunks":-1,"elapsed_ms":1,"proof":""})"),
                                  std::string(R"({"chunks":1,"elapsed_ms":1,"proof":"*"})")}) {
    EXPECT_FALSE(answer_from_json(line)) << line.substr(0, 60);
  }
}

TEST(ProvenCards, AreKeptWhileTheyAreListed) {
  std::string folder = ::testing::TempDir() + "/obelisk-proven-XXXXXX";
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  const auto quiet = [](const std::string&) {};
  api::Listing listing;
  listing.cards = {{kCard, "a40", "", 0}};
  {
    ProvenCards cards(folder, quiet);
    cards.put({kCard, 8, 1000, {}}, listing);
    cards.put({kCard, 9, 1001, {}}, listing);
    cards.put({"GPU-other", 8, 1000, {}}, listing);
  }
  ProvenCards again(folder, quiet);
  ASSERT_EQ(again.all().size(), 1u);
  EXPECT_EQ(again.all()[0].chunks, 9u);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace obelisk::host
