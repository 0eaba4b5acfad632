// What the instructions on an existing lease share: the accounts they name, and paying out. Lamports
// only ever leave the lease here, and only to the three wallets that stand in it.
#pragma once

#include "core/escrow/step.hpp"
#include "program/input.hpp"

namespace obelisk::program {

// The accounts of claim, stop and finish, in their order.
struct LeaseParties {
  Account* account;
  Account* renter;
  Account* host;
  Account* treasury;
  escrow::Lease* lease;
};

[[nodiscard]] inline bool all_writable(const Input& input) {
  return input.accounts[0]->is_writable != 0 && input.accounts[1]->is_writable != 0 &&
         input.accounts[2]->is_writable != 0 && input.accounts[3]->is_writable != 0;
}

// Owner, kind and keys; the flags have been checked.
[[nodiscard]] Error find_parties(const Input& input, LeaseParties& parties);

// The time and the balances, as they are now.
void look_around(const LeaseParties& parties, escrow::Scene& scene);

// Moves the lamports, closes the account if it is the end, and logs the event.
[[nodiscard]] Error settle(escrow::Tag tag, const LeaseParties& parties,
                           const escrow::Payments& payments);

}  // namespace obelisk::program
