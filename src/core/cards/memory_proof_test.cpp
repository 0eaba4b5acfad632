#include "core/cards/memory_proof.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <set>

#include "base/crypto.hpp"
#include "core/cards/hash_tree.hpp"
#include "core/cards/proof_testing.hpp"

namespace obelisk::cards {
namespace {

using testing::filled;
using testing::proof_of;
using testing::terms_of;
using testing::view_of;

base::Code code_of(const base::Result<void>& result) {
  return result.ok() ? base::Code::internal : result.error().code;
}

TEST(MemoryRule, DigestsAreSha256OfTheBytes) {
  std::vector<Cell> cells(kChunkCells);
  for (std::size_t i = 0; i < cells.size(); ++i) {
    for (u32 w = 0; w < kCellWords; ++w) cells[i].word[w] = static_cast<u32>(i * 2654435761u + w);
  }
  const auto leaf = view_of(cells).first(kLeafBytes);
  EXPECT_EQ(hash_of(leaf_digest(cells.data())), base::sha256(leaf));
  std::vector<base::Hash> leaves;
  for (std::size_t i = 0; i < kChunkLeaves; ++i) {
    leaves.push_back(base::sha256(view_of(cells).subspan(i * kLeafBytes, kLeafBytes)));
  }
  EXPECT_EQ(hash_of(chunk_digest(cells.data())), tree_root(leaves));
}

// Test case 1 of draft-strombergson-chacha-test-vectors-01: 256 bits of key and the nonce all zero,
// eight rounds. Ours has the rule's number where a part of the nonce would stand.
TEST(MemoryRule, ChaChaWithoutOurNumberIsTheKnownKeystream) {
  u32 state[16] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};
  chacha_block(state);
  base::Writer bytes;
  for (u32 word : state) bytes.u32(word);
  EXPECT_EQ(base::to_hex(bytes.bytes()),
            "3e00ef2f895f40d67f5bb8e81f09a5a12c840ec3ce9a7f3b181be188ef711a1e"
            "984ce172b9216f419f445367456d5619314a42a3da86b001387bfdb80e0cfe42");
}

TEST(MemoryRule, TheShuffleIsOneToOneAndCanBeTakenBack) {
  const Seed seed = seed_words(terms_of(1, 1).seed);
  for (u32 chunks : {1u, 8u, 11u}) {
    for (u32 round : {1u, 2u, 16u}) {
      const std::uint64_t half = std::uint64_t{chunks} * kHalfChunk;
      std::vector<bool> met(half, false);
      for (std::uint64_t place = 0; place < half; ++place) {
        const u64 other = shuffled(seed, round, chunks, place);
        ASSERT_LT(other, half);
        ASSERT_FALSE(met[other]);
        met[other] = true;
        ASSERT_EQ(shuffled_back(seed, round, chunks, other), place);
      }
    }
  }
}

// Neighbours have to fly apart: else a part of the memory could be worked on by itself.
TEST(MemoryRule, TheShuffleHasNoOrder) {
  const Seed seed = seed_words(terms_of(1, 1).seed);
  const u32 chunks = 300'000;  // 75 GiB
  std::set<u64> rows;
  std::uint64_t near = 0;
  u64 before = shuffled(seed, 5, chunks, 0);
  for (std::uint64_t place = 1; place <= 4096; ++place) {
    const u64 now = shuffled(seed, 5, chunks, place);
    rows.insert(now / kHalfChunk);
    const u64 apart = now > before ? now - before : before - now;
    near += apart < kHalfChunk ? 1 : 0;
    before = now;
  }
  EXPECT_GT(rows.size(), 4000u);
  EXPECT_LT(near, 4u);
}

TEST(MemoryProof, AGoodOneIsTaken) {
  for (std::uint32_t chunks : {8u, 11u}) {
    const auto terms = terms_of(chunks, 6);
    const auto result = verify(terms, proof_of(terms, filled(terms)));
    EXPECT_TRUE(result.ok()) << (result ? "" : result.error().message);
  }
}

TEST(MemoryProof, EveryCellCanBeRecomputed) {
  const auto terms = terms_of(8, 5);
  const auto cells = filled(terms);
  for (std::uint64_t i = 0; i < cells.size(); i += 997) {
    const Cell again = cell_at(terms, terms.rounds, i);
    ASSERT_EQ(std::memcmp(&again, &cells[i], sizeof(Cell)), 0) << i;
  }
}

TEST(MemoryProof, OneFlippedBitOfASampleIsSeen) {
  const auto terms = terms_of(8, 3);
  const auto good = proof_of(terms, filled(terms));
  for (std::size_t sample = 0; sample < good.samples.size(); sample += 5) {
    MemoryProof bad = good;
    bad.samples[sample].leaf[sample * 60] ^= 1;
    EXPECT_EQ(code_of(verify(terms, bad)), base::Code::refused);
    bad = good;
    bad.samples[sample].path[sample % bad.samples[sample].path.size()].bytes[0] ^= 1;
    EXPECT_EQ(code_of(verify(terms, bad)), base::Code::refused);
  }
}

// The root is honest about memory that is not: the tree holds, the cells do not.
TEST(MemoryProof, MemoryThatWasMixedWronglyIsSeen) {
  const auto terms = terms_of(8, 3);
  auto cells = filled(terms);
  for (Cell& cell : cells) cell.word[7] ^= 0x80000000u;
  const auto result = verify(terms, proof_of(terms, cells));
  ASSERT_EQ(code_of(result), base::Code::refused);
  EXPECT_NE(result.error().message.find("seed"), std::string::npos);
}

TEST(MemoryProof, HalfTheMemoryTwiceIsSeen) {
  const auto whole = terms_of(16, 3);
  auto cells = filled(terms_of(8, 3));
  const auto once = cells;
  cells.insert(cells.end(), once.begin(), once.end());
  EXPECT_EQ(code_of(verify(whole, proof_of(whole, cells))), base::Code::refused);
}

TEST(MemoryProof, AnotherSeedSizeOrNumberOfRoundsIsAnotherProof) {
  const auto terms = terms_of(8, 3);
  const auto proof = proof_of(terms, filled(terms));
  auto other = terms;
  other.seed[31] ^= 1;
  EXPECT_EQ(code_of(verify(other, proof)), base::Code::refused);
  other = terms;
  other.chunks = 9;
  EXPECT_EQ(code_of(verify(other, proof)), base::Code::refused);
  other = terms;
  other.rounds = 4;
  EXPECT_EQ(code_of(verify(other, proof)), base::Code::refused);
}

TEST(MemoryProof, OutOfBoundsIsRefusedBeforeAnyWork) {
  const auto terms = terms_of(8, 3);
  const auto proof = proof_of(terms, filled(terms));
  for (auto [chunks, rounds] :
       {std::pair{7u, 3u}, {kMaxMemoryChunks + 1, 3u}, {8u, 0u}, {8u, kMaxMemoryRounds + 1}}) {
    EXPECT_EQ(code_of(verify(terms_of(chunks, rounds), proof)), base::Code::invalid_input);
  }
  MemoryProof bad = proof;
  bad.samples.pop_back();
  EXPECT_EQ(code_of(verify(terms, bad)), base::Code::invalid_input);
  bad = proof;
  bad.samples[3].leaf.push_back(0);
  EXPECT_EQ(code_of(verify(terms, bad)), base::Code::refused);
  bad = proof;
  bad.samples[3].path.clear();
  EXPECT_EQ(code_of(verify(terms, bad)), base::Code::refused);
  bad = proof;
  bad.samples[3].path.push_back({});
  EXPECT_EQ(code_of(verify(terms, bad)), base::Code::refused);
}

TEST(HashTree, EveryPathOfEverySizeLeadsToTheRootAndNoOther) {
  for (std::size_t count = 1; count <= 33; ++count) {
    std::vector<base::Hash> leaves(count);
    for (std::size_t i = 0; i < count; ++i) leaves[i].bytes[0] = static_cast<std::uint8_t>(i + 1);
    const base::Hash root = tree_root(leaves);
    for (std::size_t i = 0; i < count; ++i) {
      const auto path = tree_path(leaves, i);
      ASSERT_EQ(path.size(), tree_path_length(i, count));
      ASSERT_EQ(tree_climb(leaves[i], i, count, path), root);
      if (count > 1) {
        ASSERT_NE(tree_climb(leaves[i], (i + 1) % count, count, path), root);
      }
    }
    EXPECT_FALSE(tree_climb(leaves[0], count, count, {}).has_value());
  }
}

}  // namespace
}  // namespace obelisk::cards
