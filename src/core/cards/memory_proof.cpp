#include "core/cards/memory_proof.hpp"

#include "base/check.hpp"
#include "base/crypto.hpp"
#include "core/cards/hash_tree.hpp"

namespace obelisk::cards {

namespace {

constexpr std::string_view kSampleWord = "obelisk memory sample";

base::Error malformed(std::string what) {
  return {base::Code::invalid_input, "The proof of memory " + std::move(what) + ".",
          "Measure the card again."};
}

base::Error wrong(std::string what) {
  return {base::Code::refused, "The proof of memory is wrong: " + std::move(what) + ".",
          "Measure the card again; if it stays, the card has less memory than it says."};
}

base::Bytes bytes_of(const Cell& cell) {
  base::Writer out;
  for (u32 word : cell.word) out.u32(word);
  return std::move(out).take();
}

}  // namespace

Seed seed_words(const std::array<std::uint8_t, 32>& seed) {
  base::Reader reader(seed);
  Seed out{};
  for (u32& word : out.word) word = reader.u32();
  return out;
}

base::Hash hash_of(const Digest& digest) {
  base::Hash out;
  for (std::size_t i = 0; i < out.bytes.size(); ++i) {
    out.bytes[i] = static_cast<std::uint8_t>(digest.word[i / 4] >> (24 - 8 * (i % 4)));
  }
  return out;
}

std::vector<SamplePlace> sample_places(const MemoryTerms& terms, const base::Hash& root) {
  std::vector<SamplePlace> out;
  for (std::uint32_t number = 0; number < kMemorySamples; ++number) {
    base::Writer text;
    text.put(kSampleWord);
    text.u32(kMemoryRule);
    text.put(terms.seed);
    text.u32(terms.chunks);
    text.u32(terms.rounds);
    text.put(root.view());
    text.u32(number);
    const base::Hash drawn = base::sha256(text.bytes());
    base::Reader reader(drawn.view());
    const std::uint64_t leaf = reader.u64() % terms.leaves();
    out.push_back({leaf, reader.u32() % kLeafCells});
  }
  return out;
}

// The tree below a cell: at each round the two cells that met. It goes as deep as there are rounds.
Cell cell_at(const MemoryTerms& terms, std::uint32_t round, std::uint64_t cell) {
  const Seed seed = seed_words(terms.seed);
  if (round == 0) {
    const CellPair pair = first_cells(seed, cell / 2);
    return cell % 2 == 0 ? pair.low : pair.high;
  }
  const std::uint64_t half = terms.cells() / 2;
  const bool upper = cell >= half;
  const u64 low = upper ? shuffled_back(seed, round, terms.chunks, cell - half) : cell;
  const u64 high = upper ? cell : half + shuffled(seed, round, terms.chunks, cell);
  const CellPair pair =
      met_cells(seed, round, low, cell_at(terms, round - 1, low), cell_at(terms, round - 1, high));
  return upper ? pair.high : pair.low;
}

base::Result<void> check_terms(const MemoryTerms& terms) {
  if (terms.chunks < kMinMemoryChunks || terms.chunks > kMaxMemoryChunks) {
    return malformed("cannot be of " + std::to_string(terms.chunks) + " pieces of 256 KiB");
  }
  if (terms.rounds < 1 || terms.rounds > kMaxMemoryRounds) {
    return malformed("cannot be of " + std::to_string(terms.rounds) + " rounds");
  }
  return {};
}

MemorySample open_sample(base::ByteView chunk, std::span<const base::Hash> chunk_digests,
                         std::uint64_t leaf) {
  CHECK(chunk.size() == kChunkBytes && leaf / kChunkLeaves < chunk_digests.size());
  const std::uint64_t inside = leaf % kChunkLeaves;
  std::vector<base::Hash> leaves;
  for (std::size_t i = 0; i < kChunkLeaves; ++i) {
    leaves.push_back(base::sha256(chunk.subspan(i * kLeafBytes, kLeafBytes)));
  }
  const base::ByteView shown = chunk.subspan(inside * kLeafBytes, kLeafBytes);
  MemorySample out{{shown.begin(), shown.end()}, tree_path(std::move(leaves), inside)};
  const auto above = tree_path({chunk_digests.begin(), chunk_digests.end()}, leaf / kChunkLeaves);
  out.path.insert(out.path.end(), above.begin(), above.end());
  return out;
}

bool belongs(const MemoryTerms& terms, const base::Hash& root, std::uint64_t leaf,
             const MemorySample& sample) {
  if (sample.leaf.size() != kLeafBytes || sample.path.size() < kChunkLevels) return false;
  const std::span<const base::Hash> path(sample.path);
  const auto chunk = tree_climb(base::sha256(sample.leaf), leaf % kChunkLeaves, kChunkLeaves,
                                path.first(kChunkLevels));
  if (!chunk) return false;
  const auto top =
      tree_climb(*chunk, leaf / kChunkLeaves, terms.chunks, path.subspan(kChunkLevels));
  return top && *top == root;
}

base::Result<void> verify(const MemoryTerms& terms, const MemoryProof& proof) {
  TRY_VOID(check_terms(terms));
  if (proof.samples.size() != kMemorySamples) return malformed("has not as many samples as asked");
  const auto places = sample_places(terms, proof.root);
  // The cheap half of all samples first: a stranger's nonsense must not cost us the dear one.
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (!belongs(terms, proof.root, places[i].leaf, proof.samples[i])) {
      return wrong("sample " + std::to_string(i) + " does not belong to its root");
    }
  }
  for (std::size_t i = 0; i < places.size(); ++i) {
    const auto [leaf, inside] = places[i];
    const auto expected = bytes_of(cell_at(terms, terms.rounds, leaf * kLeafCells + inside));
    const auto shown =
        base::ByteView(proof.samples[i].leaf).subspan(std::size_t{inside} * kCellBytes, kCellBytes);
    if (!std::equal(shown.begin(), shown.end(), expected.begin(), expected.end())) {
      return wrong("sample " + std::to_string(i) + " is not what the seed leads to");
    }
  }
  return {};
}

}  // namespace obelisk::cards
