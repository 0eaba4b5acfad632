// finish(): lease w, renter w, host w, treasury w. Anyone, once the time is over.
#include "program/chain.hpp"
#include "program/checks.hpp"
#include "program/handlers.hpp"
#include "program/running.hpp"

namespace obelisk::program {

uint64_t finish(const Input& input) {
  RETURN_ERROR(check_shape(input, escrow::kFinishLength, 4));
  RETURN_IF(!all_writable(input), Error::not_writable);
  escrow::Lease* lease = nullptr;
  RETURN_ERROR(find_parties(input, lease));
  escrow::Scene scene;
  look_around(input, scene);
  escrow::Payments payments{};
  RETURN_ERROR(escrow::finish(*lease, scene, payments));
  return code(settle(input, escrow::Tag::finish, *lease, payments));
}

}  // namespace obelisk::program
