// What the program asks of the chain beside its accounts: the time, the System program's help to
// make an account and to take a renter's lamports, and the log.
#pragma once

#include "core/escrow/event.hpp"
#include "core/escrow/layout.hpp"
#include "core/escrow/open.hpp"
#include "core/escrow/step.hpp"
#include "program/input.hpp"
#include "program/syscalls.hpp"

namespace obelisk::program {

// The chain's time in seconds, and the slot.
void read_clock(escrow::Moment& moment);

// A vacant address to be made an account of ours, and who pays for it.
struct Creation {
  Account* payer;
  Account* account;
  uint64_t lamports;  // paid in, whatever lies there already
  uint64_t space;
  Seeds seeds;  // with the bump: they prove that the address is a PDA of ours
};

// One CreateAccount where the address is empty; where somebody has sent lamports to it before,
// which CreateAccount refuses, a transfer, an allocation and an assignment.
[[nodiscard]] uint64_t create_account(const Input& input, const Creation& creation);

[[nodiscard]] uint64_t transfer(Account& payer, Account& to, uint64_t lamports);

// The event of an instruction on a lease.
void log_event(escrow::Tag tag, const Account& account, const escrow::Lease& lease,
               const escrow::Payments& payments);

}  // namespace obelisk::program
