// libFuzzer over the bytes of a proof, which a host sends: what is read has those bytes and no
// others, and no size is taken from them.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/check.hpp"
#include "core/cards/card_proof.hpp"

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace obelisk;
  base::Reader in({data, size});
  cards::MemoryTerms terms;
  terms.chunks = in.u32();
  const base::ByteView bytes = in.take(in.left());
  const auto proof = cards::read_proof(terms, bytes);
  if (!proof) {
    CHECK(!proof.error().message.empty());
    return 0;
  }
  const base::Bytes again = cards::to_bytes(*proof);
  CHECK(again.size() == bytes.size() && std::equal(again.begin(), again.end(), bytes.begin()));
  CHECK(proof->samples.size() == cards::kMemorySamples);
  const auto places = cards::sample_places(terms, proof->root);
  for (std::size_t i = 0; i < places.size(); ++i) {
    (void)cards::belongs(terms, proof->root, places[i].leaf, proof->samples[i]);
  }
  return 0;
}
