// cancel(): lease w, renter w (may sign). Before ready, everything goes back: at any time if the
// renter signs, by anyone once the host is late.
#include "program/chain.hpp"
#include "program/checks.hpp"
#include "program/handlers.hpp"
#include "program/running.hpp"

namespace obelisk::program {

uint64_t cancel(const Input& input) {
  RETURN_ERROR(check_shape(input, escrow::kCancelLength, 2));
  Account& account = *input.accounts[0];
  Account& renter = *input.accounts[1];
  RETURN_IF(!account.is_writable || !renter.is_writable, Error::not_writable);
  escrow::Lease* lease = nullptr;
  RETURN_ERROR(find_lease(input, account, lease));
  RETURN_IF(!escrow::same(renter.key, lease->renter), Error::wrong_key);
  const bool renter_signed = renter.is_signer != 0;
  escrow::Moment moment = {0, 0};
  if (!renter_signed) read_clock(moment);  // the renter may at any time
  const escrow::Scene scene = {moment.now, account.lamports, 0, 0, 0};
  escrow::Payments payments{};
  RETURN_ERROR(escrow::cancel(*lease, scene, renter_signed, payments));
  RETURN_IF(!receive(renter, payments.to_renter), Error::overflow);
  account.lamports = payments.left;
  log_event(escrow::Tag::cancel, account, *lease, payments);
  close_account(account);
  return 0;
}

}  // namespace obelisk::program
