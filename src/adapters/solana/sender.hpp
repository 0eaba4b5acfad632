// Sender: takes a payment to the chain and stays with it until its fate is known: core/solana's
// Sending over the Chain port. A hint from a subscription, polling and the block height race. It
// must never call a transaction expired that may still land, nor sign another in its place before.
#pragma once

#include <chrono>
#include <functional>
#include <stop_token>

#include "core/solana/attempt.hpp"
#include "core/solana/fee.hpp"
#include "core/solana/sending.hpp"
#include "core/solana/transaction.hpp"
#include "ports/chain.hpp"
#include "ports/clock.hpp"

namespace obelisk::solana_rpc {

struct SendHooks {
  std::stop_token stop = {};                // ends the wait with Code::timeout; it may still land
  std::function<void(int ms)> pause = {};   // how to wait between looks; empty: by sleeping
  std::function<void()> on_forwarded = {};  // a node took it for the first time
  bool preflight = true;                    // of send_and_confirm alone
};

// Sends what a wallet has signed; nothing else is signed in its place.
//
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

// What is to be paid: signed by deliver() itself, again if it has to be.
struct Payment {
  base::PublicKey payer;
  std::vector<solana::Instruction> instructions;  // without those of the ComputeBudget program
  std::function<base::Result<void>(solana::Transaction&)> sign;
  std::uint32_t units = 0;  // to ask for where no node can try it
};

struct DeliverOptions {
  ports::Commitment commitment = ports::Commitment::confirmed;
  solana::FeeLimits fees = {};
  solana::SendingLimits limits = {.most_signings = 3};
  SendHooks hooks = {};
  // What an earlier process, or an earlier call that ended in doubt, has sent already.
  std::optional<solana::Attempt> before = {};
  // Makes an attempt durable in the place of the one before it, which is proven dead. An error
  // here ends the delivery with nothing sent. Empty: nobody has to know after a crash.
  std::function<base::Result<void>(const solana::Attempt&)> keep = {};
};

struct Delivered {
  base::Signature signature;
  base::Lamports fee;  // at most that: what the transaction offered
  ports::SignatureStatus status;
};

// Ok: it landed, well or with an error inside. Errors: a verdict (what trying it found: nothing was
// sent, nothing charged; every attempt before is dead); expired (every attempt is dead); timeout
// (in doubt: give the last Attempt to the next call); others: no node could be asked, and nothing
// new was sent.
base::Result<Delivered> deliver(ports::Chain& chain, ports::Clock& clock, const Payment& payment,
                                const DeliverOptions& options);

}  // namespace obelisk::solana_rpc
