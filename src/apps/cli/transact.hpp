// Signing and sending our program's calls, with the program's own words where it refuses. It must
// never sign anything but what the caller built, nor sign a second time while the first may land.
#pragma once

#include <cstdint>
#include <vector>

#include "apps/cli/session.hpp"
#include "base/lamports.hpp"
#include "core/escrow/instructions.hpp"
#include "ports/chain.hpp"

namespace obelisk::cli {

struct Sent {
  base::Signature signature;
  std::uint64_t slot = 0;
  std::int64_t sent_ms = 0;  // of the steady clock: when it left
  std::int64_t confirmed_ms = 0;
};

struct Work {
  std::vector<escrow::Call> calls;
  std::uint32_t units = 0;
};

// Built over a fresh blockhash, signed by the wallet, sent by the renter's own node, confirmed.
// Where a blockhash ran out, and with it that transaction, it is built and signed anew, twice at
// most.
base::Result<Sent> sign_and_send(Session& session, const Work& work);

// What the cluster takes from this wallet for it, at most.
base::Result<base::Lamports> network_fee_of(Session& session, const Work& work);

// The error with the escrow program's words for its number, if it has one.
base::Error in_program_words(base::Error error);

// A confirmed transaction's record; asked for until the node has it, a few seconds.
base::Result<ports::TransactionRecord> record_of(Session& session,
                                                 const base::Signature& signature);

}  // namespace obelisk::cli
