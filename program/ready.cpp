// ready(opened_slot u64): attestor s, lease w. The clock of the rental starts here.
#include "program/chain.hpp"
#include "program/checks.hpp"
#include "program/handlers.hpp"

namespace obelisk::program {

uint64_t ready(const Input& input) {
  RETURN_ERROR(check_shape(input, escrow::kReadyLength, 2));
  const Account& attestor = *input.accounts[0];
  Account& account = *input.accounts[1];
  RETURN_IF(!account.is_writable, Error::not_writable);
  RETURN_IF(!attestor.is_signer, Error::not_signer);
  escrow::Lease* lease = nullptr;
  RETURN_ERROR(find_lease(input, account, lease));
  RETURN_IF(!escrow::same(attestor.key, lease->attestor), Error::wrong_key);
  escrow::Moment moment;
  read_clock(moment);
  const escrow::Scene scene = {moment.now, account.lamports, 0, 0, 0};
  RETURN_ERROR(escrow::ready(*lease, scene, load_u64<1>(input.data)));
  log_event(escrow::Tag::ready, account, *lease, {});
  return 0;
}

}  // namespace obelisk::program
