#include "core/cards/card_proof.hpp"

#include "base/crypto.hpp"
#include "core/cards/hash_tree.hpp"

namespace obelisk::cards {
namespace {

std::size_t path_length(const MemoryTerms& terms, std::uint64_t leaf) {
  return kChunkLevels + tree_path_length(leaf / kChunkLeaves, terms.chunks);
}

base::Hash read_hash(base::Reader& in) {
  base::Hash out;
  out.bytes = in.array<32>();
  return out;
}

}  // namespace

std::array<std::uint8_t, 32> card_seed(const Nonce& nonce, std::string_view uuid) {
  base::Writer text;
  text.put("obelisk card seed");
  text.put(base::ByteView(nonce));
  text.put(uuid);
  return base::sha256(text.bytes()).bytes;
}

base::Bytes to_bytes(const MemoryProof& proof) {
  base::Writer out;
  out.put(proof.root.view());
  for (const MemorySample& sample : proof.samples) {
    out.put(sample.leaf);
    for (const base::Hash& step : sample.path) out.put(step.view());
  }
  return std::move(out).take();
}

base::Result<MemoryProof> read_proof(const MemoryTerms& terms, base::ByteView bytes) {
  TRY_VOID(check_terms(terms));
  base::Reader in(bytes);
  MemoryProof out;
  out.root = read_hash(in);
  for (const SamplePlace& place : sample_places(terms, out.root)) {
    MemorySample& sample = out.samples.emplace_back();
    const base::ByteView leaf = in.take(kLeafBytes);
    sample.leaf.assign(leaf.begin(), leaf.end());
    for (std::size_t i = path_length(terms, place.leaf); i > 0; --i) {
      sample.path.push_back(read_hash(in));
    }
  }
  if (in.at_end()) return out;
  return base::Error{base::Code::invalid_input,
                     "The proof of memory is not as long as one of so much memory is.",
                     "Measure the card again."};
}

base::Bytes proof_message(const base::PublicKey& market, const Nonce& nonce, std::string_view uuid,
                          const MemoryTerms& terms, const base::Hash& root) {
  base::Writer out;
  out.put("OBELISKP");
  out.put(market.view());
  out.put(base::ByteView(nonce));
  out.put(base::sha256(base::view_of(uuid)).view());
  out.u32(terms.chunks);
  out.u32(terms.rounds);
  out.put(root.view());
  return std::move(out).take();
}

base::Bytes proven_message(const base::PublicKey& market, const Proven& proven) {
  base::Writer out;
  out.put("OBELISKV");
  out.put(market.view());
  out.put(proven.host.view());
  out.put(base::sha256(base::view_of(proven.uuid)).view());
  out.u32(proven.chunks);
  out.i64(proven.at_s);
  return std::move(out).take();
}

bool is_enough(std::uint32_t chunks, std::uint64_t listed_bytes, bool simulated) {
  if (chunks < kMinMemoryChunks || chunks > kMaxMemoryChunks) return false;
  return simulated || std::uint64_t{chunks} * kChunkBytes >= listed_bytes / 100 * kEnoughPercent;
}

bool is_sample_enough(std::uint32_t chunks, bool simulated) {
  if (simulated) return chunks >= kMinMemoryChunks && chunks <= kSampleBytes / kChunkBytes;
  return chunks == kSampleBytes / kChunkBytes;
}

}  // namespace obelisk::cards
