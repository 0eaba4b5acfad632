#include "core/cards/card_proof.hpp"

#include <gtest/gtest.h>

#include "base/crypto.hpp"
#include "core/cards/proof_testing.hpp"

namespace obelisk::cards {
namespace {

TEST(CardProof, GoesThroughBytesAndHolds) {
  for (const std::uint32_t chunks : {8u, 11u, 16u}) {
    const MemoryTerms terms = testing::terms_of(chunks, 3);
    const MemoryProof proof = testing::proof_of(terms, testing::filled(terms));
    const base::Bytes bytes = to_bytes(proof);
    ASSERT_LE(bytes.size(), kMaxProofBytes);
    const auto again = read_proof(terms, bytes);
    ASSERT_TRUE(again.ok());
    EXPECT_TRUE(verify(terms, *again).ok()) << chunks;
    EXPECT_EQ(to_bytes(*again), bytes);
  }
}

TEST(CardProof, NothingButItsOwnBytesIsAProof) {
  const MemoryTerms terms = testing::terms_of(8, 2);
  base::Bytes bytes = to_bytes(testing::proof_of(terms, testing::filled(terms)));
  EXPECT_FALSE(read_proof(terms, base::ByteView(bytes).first(bytes.size() - 1)).ok());
  EXPECT_FALSE(read_proof(terms, {}).ok());
  bytes.push_back(0);
  EXPECT_FALSE(read_proof(terms, bytes).ok());
  bytes.pop_back();
  // Any bit that is turned is seen, wherever it lies.
  for (std::size_t at = 0; at < bytes.size(); at += 997) {
    bytes[at] ^= 1;
    const auto changed = read_proof(terms, bytes);
    EXPECT_FALSE(changed.ok() && verify(terms, *changed).ok()) << at;
    bytes[at] ^= 1;
  }
  MemoryTerms more = terms;
  more.chunks = kMaxMemoryChunks + 1;
  EXPECT_FALSE(read_proof(more, bytes).ok());
}

TEST(CardProof, TheLargestStaysBelowItsBound) {
  // A terabyte: 16 leaves, and paths of 8 and 22 steps.
  EXPECT_LT(32 + kMemorySamples * (kLeafBytes + 32 * (kChunkLevels + 22)), kMaxProofBytes);
}

TEST(CardProof, TheSeedIsOfTheNonceAndOfTheCard) {
  Nonce nonce{};
  const auto first = card_seed(nonce, "GPU-1");
  EXPECT_NE(first, card_seed(nonce, "GPU-2"));
  nonce[31] = 1;
  EXPECT_NE(first, card_seed(nonce, "GPU-1"));
}

TEST(CardProof, WhatIsSignedHasEverythingInIt) {
  const base::PublicKey market{};
  base::PublicKey other{};
  other.bytes[0] = 1;
  const MemoryTerms terms = testing::terms_of(8, 2);
  MemoryTerms fewer = terms;
  fewer.rounds = 1;
  const base::Hash root{};
  const base::Bytes text = proof_message(market, {}, "GPU-1", terms, root);
  EXPECT_EQ(text.size(), 8u + 32 + 32 + 32 + 4 + 4 + 32);
  EXPECT_NE(text, proof_message(other, {}, "GPU-1", terms, root));
  EXPECT_NE(text, proof_message(market, {}, "GPU-2", terms, root));
  EXPECT_NE(text, proof_message(market, {}, "GPU-1", fewer, root));
  const Proven proven{market, "GPU-1", 8, 1000};
  EXPECT_EQ(proven_message(market, proven).size(), 8u + 32 + 32 + 32 + 4 + 8);
  Proven later = proven;
  later.at_s = 1001;
  EXPECT_NE(proven_message(market, proven), proven_message(market, later));
}

TEST(CardProof, EnoughIsOfWhatWasListed) {
  const std::uint64_t listed = std::uint64_t{80} << 30;
  const auto chunks = static_cast<std::uint32_t>(listed / kChunkBytes);
  EXPECT_TRUE(is_enough(chunks / 100 * 90, listed, false));
  EXPECT_FALSE(is_enough(chunks / 100 * 84, listed, false));
  EXPECT_TRUE(is_enough(kMinMemoryChunks, listed, true)) << "a script has what it has";
  EXPECT_FALSE(is_enough(kMinMemoryChunks - 1, 0, false));
  EXPECT_TRUE(is_sample_enough(1024, false));
  EXPECT_FALSE(is_sample_enough(1023, false));
  EXPECT_TRUE(is_sample_enough(16, true));
}

}  // namespace
}  // namespace obelisk::cards
