#include "apps/cli/lease_account.hpp"

#include "core/escrow/codec.hpp"
#include "core/settlement/settlement.hpp"

namespace obelisk::cli {

using base::Code;
using base::Error;

base::PublicKey LeaseAccount::renter() const { return escrow::to_public_key(data.renter); }
base::PublicKey LeaseAccount::host() const { return escrow::to_public_key(data.host); }
base::PublicKey LeaseAccount::treasury() const { return escrow::to_public_key(data.treasury); }
base::PublicKey LeaseAccount::attestor() const { return escrow::to_public_key(data.attestor); }
escrow::LeaseAccounts LeaseAccount::accounts() const { return escrow::accounts_of(address, data); }
base::UnixSeconds LeaseAccount::ends_at() const {
  return data.started_at + static_cast<base::UnixSeconds>(data.seconds);
}

base::Result<LeaseAccount> lease_from(const base::PublicKey& address, const ports::Account& account,
                                      std::uint64_t slot) {
  const auto data = escrow::parse_lease(account.data);
  if (!data) {
    return Error{Code::not_found, address.to_string() + " is not a lease.",
                 "Look at your leases: obelisk ls"};
  }
  const auto renter = escrow::to_public_key(data->renter);
  if (settlement::lease_address(account.owner, renter, data->nonce).address != address) {
    return Error{Code::refused, address.to_string() + " only looks like a lease.",
                 "Do not sign for it."};
  }
  return LeaseAccount{address, account.owner, account.lamports, *data, slot};
}

base::Result<std::optional<LeaseAccount>> read_lease(ports::Chain& chain,
                                                     const base::PublicKey& address,
                                                     ports::Commitment commitment) {
  TRY(const ports::AccountAt found, chain.account(address, commitment));
  // An address that only got some lamports belongs to the System program and has no data.
  if (!found.account || found.account->data.empty()) return std::optional<LeaseAccount>{};
  TRY(LeaseAccount lease, lease_from(address, *found.account, found.slot));
  return std::optional<LeaseAccount>(lease);
}

base::Result<LeaseAccount> require_lease(ports::Chain& chain, const base::PublicKey& address) {
  TRY(auto lease, read_lease(chain, address, ports::Commitment::confirmed));
  if (!lease) {
    return Error{Code::not_found, "No lease lies at " + address.to_string() + " now.",
                 "If it is over: obelisk receipt " + address.to_string()};
  }
  return *lease;
}

}  // namespace obelisk::cli
