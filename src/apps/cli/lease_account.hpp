// A lease as the renter's own node has it: where the money is, and whose. Every verb that moves
// money starts here, never from what a market says. It must never hand on an account that is not at
// the address its own fields give.
#pragma once

#include <optional>

#include "base/lamports.hpp"
#include "base/result.hpp"
#include "core/escrow/instructions.hpp"
#include "core/escrow/layout.hpp"
#include "ports/chain.hpp"

namespace obelisk::cli {

struct LeaseAccount {
  base::PublicKey address;
  base::PublicKey program;  // the account's owner
  base::Lamports lamports;
  escrow::Lease data{};
  std::uint64_t slot = 0;

  base::PublicKey renter() const;
  base::PublicKey host() const;
  base::PublicKey treasury() const;
  base::PublicKey attestor() const;
  escrow::LeaseAccounts accounts() const;
  base::UnixSeconds ends_at() const;  // of a started lease
};

// Nothing where the address is empty: not opened yet, or closed. An error where something else lies
// there.
base::Result<std::optional<LeaseAccount>> read_lease(ports::Chain& chain,
                                                     const base::PublicKey& address,
                                                     ports::Commitment commitment);
// The same, with an error (not_found) for nothing.
base::Result<LeaseAccount> require_lease(ports::Chain& chain, const base::PublicKey& address);

// Pure: what the account's bytes mean, or why they mean nothing.
base::Result<LeaseAccount> lease_from(const base::PublicKey& address, const ports::Account& account,
                                      std::uint64_t slot);

}  // namespace obelisk::cli
