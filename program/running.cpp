#include "program/running.hpp"

#include "program/chain.hpp"
#include "program/checks.hpp"

namespace obelisk::program {

Error find_parties(const Input& input, escrow::Lease*& lease) {
  if (const Error error = find_lease(input, lease_account(input), lease); error != Error::none) {
    return error;
  }
  const bool named = escrow::same(renter_account(input).key, lease->renter) &&
                     escrow::same(host_account(input).key, lease->host) &&
                     escrow::same(treasury_account(input).key, lease->treasury);
  return named ? Error::none : Error::wrong_key;
}

[[gnu::always_inline]] void look_around(const Input& input, escrow::Scene& scene) {
  escrow::Moment moment;
  read_clock(moment);
  scene = {moment.now, lease_account(input).lamports, host_account(input).lamports,
           treasury_account(input).lamports, renter_account(input).lamports};
}

Error settle(const Input& input, escrow::Tag tag, const escrow::Lease& lease,
             const escrow::Payments& payments) {
  if (!receive(host_account(input), payments.to_host) ||
      !receive(treasury_account(input), payments.to_treasury) ||
      !receive(renter_account(input), payments.to_renter)) {
    return Error::overflow;
  }
  Account& account = lease_account(input);
  account.lamports = payments.left;
  log_event(tag, account, lease, payments);
  if (lease.state == escrow::State::closed) close_account(account);
  return Error::none;
}

}  // namespace obelisk::program
