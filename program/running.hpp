// What the instructions on an existing lease share: the accounts they name, and paying out.
// Lamports only ever leave the lease here, and only to the three wallets that stand in it.
#pragma once

#include "core/escrow/arithmetic.hpp"
#include "core/escrow/step.hpp"
#include "program/input.hpp"
#include "program/well_known.hpp"

namespace obelisk::program {

// The accounts of claim, stop and finish, in their order.
inline Account& lease_account(const Input& input) { return *input.accounts[0]; }
inline Account& renter_account(const Input& input) { return *input.accounts[1]; }
inline Account& host_account(const Input& input) { return *input.accounts[2]; }
inline Account& treasury_account(const Input& input) { return *input.accounts[3]; }

[[nodiscard]] inline bool all_writable(const Input& input) {
  return lease_account(input).is_writable != 0 && renter_account(input).is_writable != 0 &&
         host_account(input).is_writable != 0 && treasury_account(input).is_writable != 0;
}

// The lease, once owner, kind and the keys of its parties are right; the flags have been checked.
[[nodiscard]] Error find_parties(const Input& input, escrow::Lease*& lease);

// The time and the balances, as they are now.
void look_around(const Input& input, escrow::Scene& scene);

[[nodiscard]] inline bool receive(Account& wallet, uint64_t lamports) {
  return escrow::add(wallet.lamports, lamports, wallet.lamports);
}

// No data and owned by the System program, as if it had never been; its lamports are paid out.
inline void close_account(Account& account) {
  account.data_length = 0;
  account.owner = kSystemProgram;
}

// Moves the lamports, closes the account if it is the end, and logs the event.
[[nodiscard]] Error settle(const Input& input, escrow::Tag tag, const escrow::Lease& lease,
                           const escrow::Payments& payments);

}  // namespace obelisk::program
