// The wait between paid and ready: the dial turns, the market tells what happens, and the renter's
// own node says when it is true. It must never believe "ready" from anybody but the chain, and
// never end without either a machine or the money.
#pragma once

#include <optional>

#include "api/types.hpp"
#include "apps/cli/interrupts.hpp"
#include "apps/cli/lease_account.hpp"
#include "apps/cli/lease_follower.hpp"
#include "apps/cli/session.hpp"
#include "base/result.hpp"

namespace obelisk::cli {

struct PaidLease {
  base::PublicKey address;
  base::PublicKey program;
  base::Lamports paid;  // price and bond
  std::uint32_t ready_deadline_s = 0;
  std::int64_t confirmed_ms = 0;  // of the steady clock
};

struct ReadyLease {
  LeaseAccount account;
  std::int64_t ready_ms = 0;
};

// The ACTIVE account, or Code::refunded once all of it is back, checked on the chain;
// Code::declined where the person interrupted the wait, with the money back too.
base::Result<ReadyLease> await_ready(Session& session, LeaseFollower& follower,
                                     Interrupts& interrupts, const PaidLease& paid);

}  // namespace obelisk::cli
