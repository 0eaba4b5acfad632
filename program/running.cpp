#include "program/running.hpp"

#include "core/escrow/arithmetic.hpp"
#include "program/chain.hpp"
#include "program/checks.hpp"

namespace obelisk::program {

Error find_parties(const Input& input, LeaseParties& parties) {
  parties.account = input.accounts[0];
  parties.renter = input.accounts[1];
  parties.host = input.accounts[2];
  parties.treasury = input.accounts[3];
  if (const Error error = find_lease(input, *parties.account, parties.lease);
      error != Error::none) {
    return error;
  }
  const escrow::Lease& lease = *parties.lease;
  const bool named = escrow::same(parties.renter->key, lease.renter) &&
                     escrow::same(parties.host->key, lease.host) &&
                     escrow::same(parties.treasury->key, lease.treasury);
  return named ? Error::none : Error::wrong_key;
}

void look_around(const LeaseParties& parties, escrow::Scene& scene) {
  escrow::Moment moment;
  read_clock(moment);
  scene = {moment.now, parties.account->lamports, parties.host->lamports == 0,
           parties.treasury->lamports == 0, parties.renter->lamports == 0};
}

Error settle(escrow::Tag tag, const LeaseParties& parties, const escrow::Payments& payments) {
  Account& account = *parties.account;
  uint64_t left = 0;
  const bool fits =
      escrow::subtract(account.lamports, payments.to_host, left) &&
      escrow::subtract(left, payments.to_treasury, left) &&
      escrow::subtract(left, payments.to_renter, left) &&
      escrow::add(parties.host->lamports, payments.to_host, parties.host->lamports) &&
      escrow::add(parties.treasury->lamports, payments.to_treasury, parties.treasury->lamports) &&
      escrow::add(parties.renter->lamports, payments.to_renter, parties.renter->lamports);
  if (!fits) return Error::overflow;
  account.lamports = left;
  log_event(tag, account, *parties.lease, payments);
  if (payments.closes) {
    account.data_length = 0;
    account.owner = kSystemProgram;
  }
  return Error::none;
}

}  // namespace obelisk::program
