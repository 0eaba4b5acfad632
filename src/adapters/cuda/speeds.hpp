// How fast one card moves bytes, by the card's own events: reading its memory with a kernel of
// ours, copying within it, and over the bus from and to pinned memory. Medians of some passes. It
// overwrites the memory it is given.
#pragma once

#include <optional>

#include "adapters/cuda/session.hpp"

namespace obelisk::cuda {

// Bytes a second.
struct Speeds {
  std::uint64_t read = 0;
  std::optional<std::uint64_t> copy;  // copied bytes count once
  std::optional<std::uint64_t> to_card;
  std::optional<std::uint64_t> from_card;
};

// Bytes that `out` of measure_speeds() must have.
std::size_t fold_bytes(const Session& session);

// `memory` has `bytes`, a multiple of 32. refused where two passes read different things or a speed
// cannot be.
base::Result<Speeds> measure_speeds(Session& session, Address memory, std::uint64_t bytes,
                                    Address out);

}  // namespace obelisk::cuda
