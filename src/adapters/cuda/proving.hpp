// The proof of memory on a card: fills it, mixes it round by round, digests it and opens the
// samples. The rule is core/cards/memory_rule.hpp; this is only who does it. No launch may run
// long: a display's watchdog would end it.
#pragma once

#include "adapters/cuda/session.hpp"
#include "core/cards/memory_proof.hpp"

namespace obelisk::cuda {

// How many items a launch gets, found by what the last one took: most of them run between
// kShortMs and kLongMs. Never less than it began with: if that takes long, then because others use
// the card, and smaller pieces would only make it worse.
class Pace {
 public:
  static constexpr double kShortMs = 100;
  static constexpr double kLongMs = 400;

  explicit Pace(std::uint64_t items) : least_(items), items_(items) {}
  std::uint64_t items() const { return items_; }
  void took(double ms);

 private:
  std::uint64_t least_;
  std::uint64_t items_;
};

// Of a launch; a moment of the slowest card. It doubles until a launch takes long enough.
inline constexpr std::uint64_t kFirstItems = 1 << 15;

// All `count` items of one kernel, cut into launches.
base::Result<void> in_pieces(Session& session, const char* kernel, Work work, std::uint64_t count,
                             Pace& pace);

// Bytes that `out` of prove() must have.
std::size_t digest_bytes(const cards::MemoryTerms& terms);

// `memory` holds terms.bytes() and is used up, `out` digest_bytes(). refused where what the card
// hands back does not belong to its own digests.
base::Result<cards::MemoryProof> prove(Session& session, const cards::MemoryTerms& terms,
                                       Address memory, Address out);

}  // namespace obelisk::cuda
