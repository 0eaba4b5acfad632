// Sender: hands a signed transaction to the chain again and again until its fate is known. It must
// never sign, and never say "expired" while the transaction may still land.
#pragma once

#include <chrono>
#include <functional>
#include <stop_token>

#include "core/solana/transaction.hpp"
#include "ports/chain.hpp"
#include "ports/clock.hpp"

namespace obelisk::solana_rpc {

struct SendHooks {
  std::stop_token stop;                // ends the wait with Code::timeout; it may still land
  std::function<void(int ms)> pause;   // how to wait between looks; empty: by sleeping
  std::function<void()> on_forwarded;  // a node took it for the first time
  int poll_ms = 75;
  bool preflight = true;
};

// Ok: it landed, at least at `commitment`, well or with an error inside (see SignatureStatus).
// Errors: what preflight found (nothing was sent, nothing charged); expired (its blockhash is over,
// it can no longer land, nothing was charged); timeout (unknown: it may still land, ask for its
// signature before signing another).
base::Result<ports::SignatureStatus> send_and_confirm(ports::Chain& chain, ports::Clock& clock,
                                                      const solana::Transaction& transaction,
                                                      std::uint64_t last_valid_block_height,
                                                      ports::Commitment commitment,
                                                      std::chrono::milliseconds timeout,
                                                      const SendHooks& hooks = {});

}  // namespace obelisk::solana_rpc
