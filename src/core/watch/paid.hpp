// A transaction that the watch is asked to sign and pay for: read from its bytes, and held against
// the one message that it may be. Pure. It must never let an instruction through that it did not
// write itself, byte for byte.
#pragma once

#include <optional>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "core/escrow/instructions.hpp"
#include "core/settlement/settlement.hpp"

namespace obelisk::watch {

enum class PaidKind : std::uint8_t { ready, dark, claim, finish, cancel };

struct Paid {
  PaidKind kind = PaidKind::ready;
  base::PublicKey payer;
  base::PublicKey lease;
  std::uint64_t opened_slot = 0;           // of a `ready`
  std::optional<settlement::Proof> proof;  // of the claim in it
};

// refused where it is none of the five, has more in it, or could cost more than that.
base::Result<Paid> read_paid(base::ByteView message, const base::PublicKey& program,
                             std::uint64_t most_lamports);

// Whether it is what we would have written for this lease: the same bytes, but for the budget and
// blockhash it brings.
base::Result<void> check_paid(base::ByteView message, const Paid& paid,
                              const base::PublicKey& program, const escrow::LeaseAccounts& accounts,
                              std::uint64_t opened_slot);

}  // namespace obelisk::watch
