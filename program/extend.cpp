// extend(total u32): renter sw, lease w, System. `total` is the new length from the start, so the
// same instruction sent twice is paid once.
#include "program/chain.hpp"
#include "program/checks.hpp"
#include "program/handlers.hpp"

namespace obelisk::program {

uint64_t extend(const Input& input) {
  RETURN_ERROR(check_shape(input, escrow::kExtendLength, 3));
  Account& renter = *input.accounts[0];
  Account& account = *input.accounts[1];
  RETURN_IF(!renter.is_writable || !account.is_writable, Error::not_writable);
  RETURN_IF(!renter.is_signer, Error::not_signer);
  RETURN_IF(!escrow::same(input.accounts[2]->key, kSystemProgram), Error::wrong_program);
  escrow::Lease* lease = nullptr;
  RETURN_ERROR(find_lease(input, account, lease));
  RETURN_IF(!escrow::same(renter.key, lease->renter), Error::wrong_key);
  escrow::Moment moment;
  read_clock(moment);
  const escrow::Scene scene = {moment.now, account.lamports, 0, 0, 0};
  escrow::Payments payments{};
  RETURN_ERROR(escrow::extend(*lease, scene, load_u32<1>(input.data), payments));
  if (const uint64_t failed = transfer(renter, account, payments.from_renter)) return failed;
  log_event(escrow::Tag::extend, account, *lease, payments);
  return 0;
}

}  // namespace obelisk::program
