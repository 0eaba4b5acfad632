#include "adapters/cuda/proving.hpp"

#include <algorithm>

#include "adapters/cuda/failure.hpp"
#include "core/cards/hash_tree.hpp"

namespace obelisk::cuda {

namespace {

constexpr std::uint64_t kMostItems = 1 << 30;
// A chunk takes one thread tens of milliseconds, however many run beside it.
constexpr std::uint64_t kDigestThreads = 256;  // a multiprocessor

base::Result<void> fill_and_mix(Session& session, const cards::MemoryTerms& terms, Work work) {
  const std::uint64_t pairs = terms.cells() / 2;
  Pace fill(kFirstItems);
  TRY_VOID(in_pieces(session, kFillKernel, work, pairs, fill));
  Pace meet(kFirstItems);
  for (work.round = 1; work.round <= terms.rounds; ++work.round) {
    TRY_VOID(in_pieces(session, kMeetKernel, work, pairs, meet));
  }
  return {};
}

base::Result<std::vector<base::Hash>> digests(Session& session, const cards::MemoryTerms& terms,
                                              const Work& work) {
  Pace pace(session.multiprocessors() * kDigestThreads);
  TRY_VOID(in_pieces(session, kDigestKernel, work, terms.chunks, pace));
  std::vector<cards::Digest> raw(terms.chunks);
  TRY_VOID(session.fetch(raw.data(), work.out, digest_bytes(terms)));
  std::vector<base::Hash> out;
  out.reserve(raw.size());
  for (const cards::Digest& digest : raw) out.push_back(cards::hash_of(digest));
  return out;
}

}  // namespace

base::Result<void> in_pieces(Session& session, const char* kernel, Work work, std::uint64_t count,
                             Pace& pace) {
  for (std::uint64_t done = 0; done < count;) {
    work.first = done;
    work.count = std::min(pace.items(), count - done);
    TRY(const double ms, session.run(kernel, work, work.count));
    // The last piece is shorter: its time says nothing.
    if (work.count == pace.items()) pace.took(ms);
    done += work.count;
  }
  return {};
}

void Pace::took(double ms) {
  if (ms < kShortMs) items_ = std::min(items_ * 2, kMostItems);
  if (ms > kLongMs) items_ = std::max(items_ / 2, least_);
}

std::size_t digest_bytes(const cards::MemoryTerms& terms) {
  return std::size_t{terms.chunks} * sizeof(cards::Digest);
}

base::Result<cards::MemoryProof> prove(Session& session, const cards::MemoryTerms& terms,
                                       Address memory, Address out) {
  Work work;
  work.memory = memory;
  work.out = out;
  work.seed = cards::seed_words(terms.seed);
  work.chunks = terms.chunks;
  TRY_VOID(fill_and_mix(session, terms, work));
  TRY(const std::vector<base::Hash> chunk_digests, digests(session, terms, work));
  cards::MemoryProof proof{cards::tree_root(chunk_digests), {}};
  base::Bytes chunk(cards::kChunkBytes);
  for (const cards::SamplePlace& place : cards::sample_places(terms, proof.root)) {
    const std::uint64_t number = place.leaf / cards::kChunkLeaves;
    TRY_VOID(session.fetch(chunk.data(), memory + number * cards::kChunkBytes, chunk.size()));
    proof.samples.push_back(cards::open_sample(chunk, chunk_digests, place.leaf));
    if (!cards::belongs(terms, proof.root, place.leaf, proof.samples.back())) {
      return contradiction("its memory changes between two looks");
    }
  }
  return proof;
}

}  // namespace obelisk::cuda
