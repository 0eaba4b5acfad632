// What the model tells whoever runs the same in the VM: a stream of frames, each a u32 length and
// a body, little-endian; program/differential/frames.mjs reads it. Transactions are legacy
// messages without real signatures: only proofs carry signatures that anybody checks.
#pragma once

#include "program/differential/story.hpp"

namespace obelisk::differential {

enum class FrameKind : std::uint8_t { start = 1, step = 2, end = 3 };

base::Bytes encode_transaction(const base::PublicKey& payer, const Transaction& transaction);

// The seed and every account before the first step.
base::Bytes start_frame(const Ledger& ledger, std::uint64_t seed);
// The transaction, when it runs, what the model says comes of it, and the accounts it names after.
base::Bytes step_frame(const Ledger& ledger, const base::PublicKey& payer, std::uint64_t index,
                       const Step& step);
// Every account after the last step.
base::Bytes end_frame(const Ledger& ledger);

}  // namespace obelisk::differential
