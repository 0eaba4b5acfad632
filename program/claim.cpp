// claim(): lease w, renter w, host w, treasury w, Instructions sysvar. Anyone may bring a proof.
#include "program/attestation_proof.hpp"
#include "program/chain.hpp"
#include "program/checks.hpp"
#include "program/handlers.hpp"
#include "program/running.hpp"

namespace obelisk::program {

uint64_t claim(const Input& input) {
  RETURN_ERROR(check_shape(input, escrow::kClaimLength, 5));
  RETURN_IF(!all_writable(input), Error::not_writable);
  Account& sysvar = *input.accounts[4];
  RETURN_IF(!escrow::same(sysvar.key, kInstructionsSysvar), Error::wrong_program);
  escrow::Lease* lease = nullptr;
  RETURN_ERROR(find_parties(input, lease));
  RETURN_IF(!escrow::is_running(*lease), Error::wrong_state);
  int64_t alive_until = 0;
  RETURN_ERROR(read_attestation(input, sysvar, lease_account(input).key, *lease, alive_until));
  escrow::Scene scene;
  look_around(input, scene);
  escrow::Payments payments{};
  RETURN_ERROR(escrow::claim(*lease, scene, alive_until, payments));
  return code(settle(input, escrow::Tag::claim, *lease, payments));
}

}  // namespace obelisk::program
