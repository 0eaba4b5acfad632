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
  escrow::Moment moment;
  read_clock(moment);
  const escrow::Scene scene = {moment.now, account.lamports, false, false, false};
  escrow::Payments payments{};
  RETURN_ERROR(escrow::cancel(*lease, scene, renter.is_signer != 0, payments));
  // Host and treasury get nothing, so their accounts are not needed.
  const LeaseParties parties = {&account, &renter, &renter, &renter, lease};
  return code(settle(escrow::Tag::cancel, parties, payments));
}

}  // namespace obelisk::program
