// For tests: proofs of memory made on the processor, cell by cell.
#pragma once

#include <vector>

#include "core/cards/hash_tree.hpp"
#include "core/cards/memory_proof.hpp"

namespace obelisk::cards::testing {

inline MemoryTerms terms_of(std::uint32_t chunks, std::uint32_t rounds) {
  MemoryTerms terms;
  for (std::size_t i = 0; i < terms.seed.size(); ++i) {
    terms.seed[i] = static_cast<std::uint8_t>(17 * i + 3);
  }
  terms.chunks = chunks;
  terms.rounds = rounds;
  return terms;
}

inline base::ByteView view_of(const std::vector<Cell>& cells) {
  return {reinterpret_cast<const std::uint8_t*>(cells.data()), cells.size() * sizeof(Cell)};
}

// What a card does, in plain memory.
inline std::vector<Cell> filled(const MemoryTerms& terms) {
  const Seed seed = seed_words(terms.seed);
  const std::uint64_t half = terms.cells() / 2;
  std::vector<Cell> cells(terms.cells());
  for (std::uint64_t block = 0; block < half; ++block) {
    const CellPair pair = first_cells(seed, block);
    cells[2 * block] = pair.low;
    cells[2 * block + 1] = pair.high;
  }
  for (std::uint32_t round = 1; round <= terms.rounds; ++round) {
    for (std::uint64_t place = 0; place < half; ++place) {
      Cell& other = cells[half + shuffled(seed, round, terms.chunks, place)];
      const CellPair pair = met_cells(seed, round, place, cells[place], other);
      cells[place] = pair.low;
      other = pair.high;
    }
  }
  return cells;
}

inline MemoryProof proof_of(const MemoryTerms& terms, const std::vector<Cell>& cells) {
  std::vector<base::Hash> digests;
  for (std::uint64_t chunk = 0; chunk < terms.chunks; ++chunk) {
    digests.push_back(hash_of(chunk_digest(cells.data() + chunk * kChunkCells)));
  }
  MemoryProof proof{tree_root(digests), {}};
  for (const auto& place : sample_places(terms, proof.root)) {
    const std::uint64_t chunk = place.leaf / kChunkLeaves;
    proof.samples.push_back(
        open_sample(view_of(cells).subspan(chunk * kChunkBytes, kChunkBytes), digests, place.leaf));
  }
  return proof;
}

}  // namespace obelisk::cards::testing
